import type { Command } from "commander";
import { paths } from "#api/paths.ts";
import { type Orphan, orphan } from "#api/resources.ts";
import { openApi } from "#cli/api/client.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { type Column, isForPeople, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { status } from "#cli/output/status.ts";
import { relative } from "#cli/output/time.ts";

export function orphans(program: Command, cli: Cli): void {
  withList(program.command("orphans")).action((options: ListOptions) => listOrphans(cli, options));
}

async function listOrphans(cli: Cli, options: ListOptions): Promise<void> {
  const answer = await list(await openApi(cli), paths.orphans, orphan, {}, options);
  if (isForPeople(options) && answer.value.items.length === 0) return say(cli.stdout, "No orphans");
  await showList(cli, options, answer, columns(cli), (it) => it.provider_id);
}

const columns = (cli: Cli): Column<Orphan>[] => [
  { name: "droplet", cell: (it) => it.provider_id },
  { name: "name", cell: (it) => printable(it.name) },
  { name: "verdict", cell: (it) => status(cli.stdout, it.verdict), key: (it) => it.verdict },
  { name: "reason", cell: (it) => printable(it.reason), isText: true },
  { name: "seen", cell: (it) => relative(it.last_seen_at, cli.clock.now()), key: (it) => it.last_seen_at, spare: 1 },
  { name: "saga", cell: (it) => it.saga_id, spare: 2 },
];
