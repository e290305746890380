import type { Command } from "commander";
import { type Cli, say } from "#cli/cli.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";

type Options = ShowOptions &
  ConfirmOptions & {
    force?: boolean;
    hold?: boolean;
    allowUnverified?: boolean;
    keepTokens?: boolean;
    keepWebhooks?: boolean;
  };

export function restore(program: Command, cli: Cli): void {
  withConfirm(program.command("restore <file>"))
    .option("--force", "throw away what the database holds")
    .option("--hold", "stop the unfinished sagas as stuck, to retry or resolve each by hand")
    .option("--no-hold", "let them go on, also those of a backup that is not verified")
    .option("--allow-unverified", "take a backup that this installation's secret key does not prove to be its own")
    .option("--keep-tokens", "leave the API tokens of the backup valid; otherwise they are revoked")
    .option("--keep-webhooks", "leave the webhooks of the backup enabled; otherwise they are disabled")
    .option("--json", "print JSON")
    .action((file: string, options: Options) => run(cli, file, options));
}

async function run(cli: Cli, file: string, options: Options): Promise<void> {
  const { json, force, hold, allowUnverified, keepTokens, keepWebhooks } = options;
  const doom = { title: "This throws away what the database holds, for good.", lines: [], word: file, what: "file" };
  if (force) await confirmation(cli, options, "Restoring with --force")(async () => doom);
  const main = await import("#main/restore.ts");
  const done = await main.restore({
    config: await cli.config(),
    file,
    force,
    hold,
    allowUnverified,
    keepTokens,
    keepWebhooks,
  });
  if (json) return printJson(cli, done);
  say(cli.stdout, `Restored ${done.rows} rows as of ${done.taken_at}, of release ${done.release}.`);
  if (done.tokens_revoked > 0)
    say(
      cli.stdout,
      `API tokens revoked: ${done.tokens_revoked}. Make new ones with the admin token of the next start.`,
    );
  if (done.webhooks_disabled > 0)
    say(cli.stdout, `Webhooks disabled: ${done.webhooks_disabled}. Enable those that you know.`);
  if (!done.verified) say(cli.stdout, "Whether an installation of yours made the backup could not be verified.");
  if (done.unfinished === 0) return;
  const what = done.unfinished === 1 ? "1 saga was unfinished" : `${done.unfinished} sagas were unfinished`;
  say(
    cli.stdout,
    done.held
      ? `${what} then and held: arcadia sagas --status stuck lists them, to retry or resolve.`
      : `${what} then and will go on at the next start.`,
  );
}
