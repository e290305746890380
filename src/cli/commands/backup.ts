import type { Command } from "commander";
import { type Cli, say } from "#cli/cli.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";

export function backup(program: Command, cli: Cli): void {
  program
    .command("backup <file>")
    .option("--json", "print JSON")
    .action((file: string, options: ShowOptions) => run(cli, file, options));
}

async function run(cli: Cli, file: string, options: ShowOptions): Promise<void> {
  const { backUp } = await import("#main/backup.ts");
  const made = await backUp({ config: await cli.config(), file });
  if (options.json) return printJson(cli, made);
  say(
    cli.stdout,
    `${made.file}: ${made.rows} rows of ${made.tables} tables as of ${made.taken_at}, ${made.bytes} bytes`,
  );
  say(
    cli.stdout,
    made.secret_key_included
      ? "It holds the key to the secrets in it: keep it as safe as the database itself."
      : "It does not hold the key to the secrets in it: keep ARCADIA_SECRET_KEY, without which they do not open.",
  );
  if (!made.signed)
    say(cli.stdout, "It is not signed, as there is no secret key here: a restore needs --allow-unverified.");
}
