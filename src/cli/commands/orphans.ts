import type { Command } from "commander";
import { paths } from "#api/paths.ts";
import { orphan } from "#api/resources.ts";
import { openApi } from "#cli/api/client.ts";
import { list, type PageOptions, withPages } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { type ShowOptions, show, showMore } from "#cli/output/show.ts";
import { status } from "#cli/output/status.ts";
import { printTable } from "#cli/output/table.ts";
import { relative } from "#cli/output/time.ts";

export function orphans(program: Command, cli: Cli): void {
  withPages(program.command("orphans"))
    .description("list the droplets that carry our tag and that no live saga or deployment owns")
    .option("--json", "print JSON")
    .action((options: PageOptions & ShowOptions) => listOrphans(cli, options));
}

async function listOrphans(cli: Cli, options: PageOptions & ShowOptions): Promise<void> {
  const answer = await list(await openApi(cli), paths.orphans, orphan, {}, options);
  show(cli, options, answer, ({ items, next_cursor }) => {
    if (items.length === 0) return say(cli.stdout, "No orphans");
    const rows = items.map((it) => [
      it.provider_id,
      printable(it.name),
      status(cli.stdout, it.verdict),
      printable(it.reason),
      relative(it.last_seen_at, cli.clock.now()),
      it.saga_id,
    ]);
    printTable(cli.stdout, ["DROPLET", "NAME", "VERDICT", "REASON", "SEEN", "SAGA"], rows);
    showMore(cli, next_cursor);
  });
}
