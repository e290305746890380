import type { Command } from "commander";
import { fill, paths } from "#api/paths.ts";
import { type Tenant, tenant } from "#api/tenants.ts";
import { z } from "zod";
import { type Api, openApi } from "#cli/api/client.ts";
import { tenantId } from "#cli/api/find-tenant.ts";
import { list } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { type ConfirmOptions, confirmation, withConfirm } from "#cli/input/confirm.ts";
import { type Column, type ListOptions, showList, withList } from "#cli/output/list.ts";
import { printable } from "#cli/output/printable.ts";
import { show, showOne, type ShowOptions, withShow } from "#cli/output/show.ts";
import { printFields } from "#cli/output/table.ts";
import { relative } from "#cli/output/time.ts";
import type { Quota } from "#quota.ts";
import { amount, collect, wholeNumber } from "#cli/input/option-values.ts";
import { asFilter, collectPairs, labelsOf } from "#cli/input/pairs.ts";
import { toldLabels } from "#cli/output/labels.ts";

const pattern =
  "a hostname that its deployments may use, or *.suffix; repeatable; without any, only operators can deploy for it";

export function tenants(program: Command, cli: Cli): void {
  const group = program.command("tenants");
  withList(group.command("list", { isDefault: true }))
    .description("list the tenants")
    .option("--search <text>", "those whose slug or name holds it")
    .option("--label <key=value>", "that have it; repeatable", collectPairs)
    .action((options: FilterOptions) => listTenants(cli, options));
  group
    .command("create [slug]")
    .description("create a tenant")
    .option("--slug <slug>", "the same as the argument")
    .option("--name <name>", "its name (the slug)")
    .option("--hostname <pattern>", pattern, collect)
    .option("--label <key=value>", "by which it is found; repeatable", collectPairs)
    .option("--json", "print JSON")
    .action((argument: string | undefined, options: CreateOptions) => {
      const slug = argument ?? options.slug;
      if (slug !== (options.slug ?? slug)) throw new UsageError(`The slug is said twice: ${slug} and ${options.slug}`);
      if (slug === undefined) throw new UsageError("Say which: arcadia tenants create SLUG");
      return create(cli, slug, options);
    });
  withShow(group.command("get <tenant>"))
    .description("show a tenant, by slug or id")
    .action((reference: string, options: ShowOptions) => get(cli, reference, options));
  group
    .command("update <tenant>")
    .description("change a tenant's name, hostnames, labels or quota; a limit of the quota that is not named stays")
    .option("--name <name>", "its new name")
    .option("--hostname <pattern>", `${pattern}; replaces the ones it has`, collect)
    .option("--label <key=value>", "its labels, in the place of those that it has; repeatable", collectPairs)
    .option("--no-labels", "drop its labels")
    .option("--max-deployments <n>", "it may have so many at once", wholeNumber)
    .option(
      "--max-monthly-usd <usd>",
      "and they may cost so much a month, with their backups, volumes and kept snapshots",
      amount,
    )
    .option("--allowed-size <slug>", "of these sizes only; repeatable", collect)
    .option("--allowed-region <slug>", "in these regions only; repeatable", collect)
    .option("--no-quota", "lift its quota")
    .option("--any-hostname", "drop its hostnames: operators may use any in the zone for it, its own tokens none")
    .option("--json", "print JSON")
    .action((reference: string, options: UpdateOptions) => update(cli, reference, options));
  withConfirm(group.command("delete <tenant>"))
    .description("delete a tenant that has no live deployment")
    .action((reference: string, options: ConfirmOptions) => remove(cli, reference, options));
}

type FilterOptions = ListOptions & { search?: string; label?: Record<string, string> };

async function listTenants(cli: Cli, options: FilterOptions): Promise<void> {
  const query = { q: options.search, label: asFilter(options.label) };
  const answer = await list(await openApi(cli), paths.tenants, tenant, query, options);
  await showList(cli, options, answer, columns(cli), (it) => it.slug);
}

const columns = (cli: Cli): Column<Tenant>[] => [
  { name: "slug", cell: (it) => it.slug },
  { name: "name", cell: (it) => printable(it.name) },
  { name: "hostnames", cell: (it) => it.hostnames.join(" ") || "any, by operators" },
  { name: "created", cell: (it) => relative(it.created_at, cli.clock.now()), key: (it) => it.created_at, spare: 1 },
  { name: "id", cell: (it) => it.id, spare: 2, isId: true },
];

type CreateOptions = ShowOptions & {
  slug?: string;
  name?: string;
  hostname?: string[];
  label?: Record<string, string>;
};

async function create(cli: Cli, slug: string, options: CreateOptions): Promise<void> {
  const api = await openApi(cli);
  const body = { slug, name: options.name ?? slug, hostnames: options.hostname ?? [], labels: options.label };
  show(cli, options, await api.post(paths.tenants, tenant, body), (it) => print(cli, it));
}

async function get(cli: Cli, reference: string, options: ShowOptions): Promise<void> {
  const api = await openApi(cli);
  const id = await tenantId(api, reference);
  await showOne(cli, options, await api.get(fill(paths.tenant, { id }), tenant), (it) => print(cli, it));
}

type UpdateOptions = CreateOptions & {
  anyHostname?: boolean;
  labels: boolean;
  quota: boolean;
  maxDeployments?: number;
  maxMonthlyUsd?: number;
  allowedSize?: string[];
  allowedRegion?: string[];
};

/** The limits that are told; undefined when none is. @throws {UsageError} for one beside `--no-quota` */
function limitsOf(options: UpdateOptions): Quota | undefined {
  const given = {
    max_deployments: options.maxDeployments,
    max_monthly_usd: options.maxMonthlyUsd,
    allowed_sizes: options.allowedSize,
    allowed_regions: options.allowedRegion,
  };
  const isTold = Object.values(given).some((limit) => limit !== undefined);
  if (isTold && !options.quota) throw new UsageError("--no-quota and a limit of its quota exclude each other");
  return isTold ? given : undefined;
}

/** The quota that it has, with the limits that are told in the place of those. */
async function quotaWith(api: Api, id: string, limits: Quota): Promise<Quota> {
  const { quota } = (await api.get(fill(paths.tenant, { id }), tenant)).value;
  const told = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...quota, ...Object.fromEntries(told) };
}

async function update(cli: Cli, reference: string, options: UpdateOptions): Promise<void> {
  const { name, hostname, anyHostname } = options;
  const labels = labelsOf(options);
  if (anyHostname && hostname) throw new UsageError("--hostname and --any-hostname exclude each other");
  const hostnames = anyHostname ? [] : hostname;
  const limits = limitsOf(options);
  const change = { name, hostnames, labels, quota: options.quota ? limits : {} };
  if (Object.values(change).every((it) => it === undefined))
    throw new UsageError(
      "nothing to change: give --name, --hostname, --label, a limit of its quota, or what drops one",
    );
  const api = await openApi(cli);
  const id = await tenantId(api, reference);
  const quota = limits === undefined ? change.quota : await quotaWith(api, id, limits);
  const answer = await api.patch(fill(paths.tenant, { id }), tenant, { ...change, quota });
  show(cli, options, answer, (it) => print(cli, it));
}

async function remove(cli: Cli, reference: string, options: ConfirmOptions): Promise<void> {
  const confirm = confirmation(cli, options, `Deleting tenant ${reference}`);
  const api = await openApi(cli);
  const id = await tenantId(api, reference);
  await confirm(async () => {
    const { slug, name } = (await api.get(fill(paths.tenant, { id }), tenant)).value;
    const lines = ["Its cancelled deployments end as terminated. While one of its deployments stands, it is refused"];
    return { title: `This deletes the tenant ${slug} (${name}), for good:`, lines, word: slug, what: "slug" };
  });
  await api.delete(fill(paths.tenant, { id }), z.unknown());
  say(cli.stdout, `Tenant ${printable(reference)} is deleted`);
}

const toldQuota = (quota: Quota): string =>
  Object.entries(quota)
    .map(([name, limit]) => `${name.replaceAll("_", " ")}: ${Array.isArray(limit) ? limit.join(" ") : limit}`)
    .join(", ");

function print(cli: Cli, it: Tenant): void {
  printFields(cli.stdout, {
    slug: it.slug,
    name: printable(it.name),
    hostnames: it.hostnames.join(" ") || "any in the zone, by operators",
    labels: toldLabels(it.labels),
    quota: it.quota && toldQuota(it.quota),
    created: relative(it.created_at, cli.clock.now()),
    id: it.id,
  });
}
