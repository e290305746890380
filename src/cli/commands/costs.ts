import { type Command, Option } from "commander";
import { costKeys, costs as costsSchema } from "#api/costs.ts";
import { paths } from "#api/paths.ts";
import { openApi } from "#cli/api/client.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { showOne, type ShowOptions, withShow } from "#cli/output/show.ts";
import { printRows } from "#cli/output/table.ts";

/** To the minute: `2026-11-27 16:45 UTC`. */
const shortly = (time: string): string => `${time.slice(0, 16).replace("T", " ")} UTC`;

interface CostsOptions extends ShowOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by: string;
  readonly tenant?: string;
}

export function costs(program: Command, cli: Cli): void {
  withShow(program.command("costs"))
    .option("--from <time>", "a time in UTC, such as 2026-11-28T12:00:00Z (default: the start of this month)")
    .option("--to <time>", "the same (default: now)")
    .addOption(new Option("--by <key>", "whose they are, or where").choices(costKeys).default("tenant"))
    .option("--tenant <tenant>", "this tenant's only; slug or id")
    .action((options: CostsOptions) => showCosts(cli, options));
}

async function showCosts(cli: Cli, options: CostsOptions): Promise<void> {
  const { from, to, by, tenant } = options;
  const api = await openApi(cli);
  const tenant_id = tenant === undefined ? undefined : await tenantId(api, tenant);
  const answer = await api.get(paths.costs, costsSchema, { from, to, by, tenant_id });
  await showOne(cli, options, answer, (it) => {
    const rows = it.items.map((item) => [
      printable(item.name ?? item.key ?? "no tenant's"),
      item.hours.toFixed(1),
      `${item.estimated ? "about " : ""}$${item.usd.toFixed(2)}`,
    ]);
    printRows(cli.stdout, [by, "hours", "cost"], [...rows, ["total", null, `$${it.total_usd.toFixed(2)}`]]);
    say(cli.stdout, `From ${shortly(it.from)} to ${shortly(it.to)}, by the provider's prices, before taxes`);
  });
}
