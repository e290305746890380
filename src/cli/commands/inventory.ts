import type { Command } from "commander";
import { paths } from "#api/paths.ts";
import { type Resource, resource, syncRequested } from "#api/resources.ts";
import { openApi } from "#cli/api/client.ts";
import { deploymentId, dropletOf } from "#cli/api/find-deployment.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { type Column, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { type ShowOptions, show } from "#cli/output/show.ts";
import { status } from "#cli/output/status.ts";
import { relative } from "#cli/output/time.ts";

type FilterOptions = ListOptions & {
  managed?: boolean;
  unmanaged?: boolean;
  deleted?: boolean;
  withDeleted?: boolean;
  droplet?: string;
  region?: string;
  tenant?: string;
  deployment?: string;
  search?: string;
};

export function inventory(program: Command, cli: Cli): void {
  const group = program.command("inventory");
  withList(group.command("list", { isDefault: true }))
    .description("list the droplets")
    .option("--managed", "only those made here")
    .option("--unmanaged", "only those made elsewhere")
    .option("--deleted", "the deleted ones instead")
    .option("--with-deleted", "the deleted ones too")
    .option("--droplet <droplet>", "the one with this id at the provider, or of this deployment")
    .option("--region <region>", "in this region")
    .option("--tenant <tenant>", "of this tenant; slug or id")
    .option("--deployment <deployment>", "of this deployment; id, hostname or name")
    .option("--search <text>", "whose name or address holds it")
    .action((options: FilterOptions) => listResources(cli, options));
  group
    .command("sync")
    .description("ask a worker to read the account now")
    .option("--json", "print JSON")
    .action((options: ShowOptions) => sync(cli, options));
}

async function listResources(cli: Cli, options: FilterOptions): Promise<void> {
  if (options.managed && options.unmanaged) throw new UsageError("--managed and --unmanaged exclude each other");
  const api = await openApi(cli);
  const query = {
    managed: options.managed ? true : options.unmanaged ? false : undefined,
    deleted: options.withDeleted ? "any" : options.deleted,
    provider_id: options.droplet === undefined ? undefined : await dropletOf(api, options.droplet),
    region: options.region,
    tenant_id: options.tenant === undefined ? undefined : await tenantId(api, options.tenant),
    deployment_id: options.deployment === undefined ? undefined : await deploymentId(api, options.deployment),
    q: options.search,
  };
  const answer = await list(api, paths.resources, resource, query, options);
  await showList(cli, options, answer, columns(cli, options), (it) => it.provider_id);
}

const columns = (cli: Cli, { deleted }: FilterOptions): Column<Resource>[] => [
  { name: "droplet", cell: (it) => it.provider_id },
  { name: "name", cell: (it) => printable(it.name) },
  { name: "status", cell: (it) => status(cli.stdout, it.deleted_at === null ? printable(it.status) : "deleted") },
  { name: "region", cell: (it) => it.region && printable(it.region), spare: 3 },
  { name: "size", cell: (it) => it.size_slug && printable(it.size_slug), spare: 4 },
  { name: "address", cell: (it) => it.public_ipv4, spare: 1 },
  { name: "managed", cell: (it) => (it.managed ? "yes" : "no") },
  {
    name: deleted ? "deleted" : "seen",
    cell: (it) => relative(it.deleted_at ?? it.last_seen_at, cli.clock.now()),
    key: (it) => it.deleted_at ?? it.last_seen_at,
    spare: 2,
  },
];

async function sync(cli: Cli, options: ShowOptions): Promise<void> {
  const answer = await (await openApi(cli)).post(paths.inventorySync, syncRequested);
  show(cli, options, answer, () => say(cli.stdout, "A worker reads the account now; see arcadia inventory list"));
}
