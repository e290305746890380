import { type Command, Option } from "commander";
import { type Cli, say } from "#cli/cli.ts";
import { printJson, type ShowOptions } from "#cli/output/show.ts";

interface PurgeOptions extends ShowOptions {
  readonly dryRun?: true;
  readonly export?: string;
}

export function purge(program: Command, cli: Cli): void {
  program
    .command("purge")
    .option("--dry-run", "say how many rows would go, and delete none")
    .addOption(
      new Option("--export <file>", "first write what goes into this new file, a line of JSON for each row").conflicts(
        "dryRun",
      ),
    )
    .option("--json", "print JSON")
    .action((options: PurgeOptions) => run(cli, options));
}

async function run(cli: Cli, options: PurgeOptions): Promise<void> {
  const { purgeNow } = await import("#main/purge.ts");
  const dryRun = options.dryRun === true;
  const purged = await purgeNow({ config: await cli.config(), dryRun, exportTo: options.export });
  if (options.json) return printJson(cli, purged);
  for (const { kind, before, rows } of purged) {
    const counts = Object.entries(rows).filter(([, count]) => count > 0);
    const told = counts.map(([table, count]) => `${count} of ${table}`).join(", ");
    say(cli.stdout, `${kind} before ${before}: ${told === "" ? "nothing" : told}${dryRun ? " would go" : " gone"}`);
  }
  if (!purged.some(({ kind }) => kind === "audit"))
    say(cli.stdout, "The audit log is kept for ever, unless ARCADIA_KEEP_AUDIT_DAYS is set.");
}
