import type { Deployment } from "#api/deployments.ts";
import { toldUsd } from "#usd.ts";
import { type Cli, say } from "#cli/cli.ts";
import { toldHeld } from "#cli/input/volume.ts";
import { toldCheck } from "./health-check.ts";
import { toldLabels } from "./labels.ts";
import type { Column } from "./list.ts";
import { printable } from "./printable.ts";
import { printSaga } from "./saga.ts";
import { status } from "./status.ts";
import { printFields } from "./table.ts";
import { relative } from "./time.ts";

/** Its status, unless its saga is stuck, or it is off because it is to be. */
export function shownStatus({ status: own, saga, power }: Deployment): string {
  if (saga?.status === "stuck") return "stuck";
  return own === "active" && power === "off" ? "suspended" : own;
}

const codesOf = ({ conditions }: Deployment): string[] => [...new Set(conditions.map(({ code }) => code))];

/** @param slugs of the tenants, by their ids */
export const deploymentColumns = (cli: Cli, slugs: ReadonlyMap<string | null, string>): Column<Deployment>[] => [
  { name: "hostname", cell: (it) => it.hostname },
  { name: "tenant", cell: (it) => slugs.get(it.tenant_id) ?? it.tenant_id, spare: 2 },
  { name: "status", cell: (it) => status(cli.stdout, shownStatus(it)), key: shownStatus },
  { name: "condition", cell: (it) => codesOf(it).join(",") || null, spare: 1 },
  { name: "region", cell: (it) => it.region, spare: 4 },
  { name: "size", cell: (it) => it.size_slug, spare: 5 },
  { name: "address", cell: (it) => it.resource?.public_ipv4, spare: 3 },
  {
    name: "health",
    cell: (it) => it.health && status(cli.stdout, it.health.state),
    key: (it) => it.health?.state ?? "",
    spare: 8,
  },
  { name: "release", cell: (it) => it.release, spare: 7 },
  { name: "created", cell: (it) => relative(it.created_at, cli.clock.now()), key: (it) => it.created_at, spare: 3 },
  { name: "id", cell: (it) => it.id, spare: 6, isId: true },
  {
    name: "reason",
    cell: (it) => printable(it.saga?.stuck_error?.message ?? it.saga?.waiting_for ?? it.reason ?? ""),
    isText: true,
  },
];

/** The deployment, its droplet and its newest saga. */
export function printDeployment(cli: Cli, it: Deployment, tenant: string | undefined): void {
  const now = cli.clock.now();
  printFields(cli.stdout, {
    deployment: it.id,
    name: printable(it.name),
    hostname: it.hostname,
    tenant: tenant ?? it.tenant_id,
    status: status(cli.stdout, it.saga?.status === "stuck" ? `${it.status}, stuck` : it.status),
    operation: it.operation,
    power: it.power === "off" ? "off: it is suspended" : null,
    reason: it.reason && printable(it.reason),
    droplet: it.resource && `${it.resource.provider_id} ${it.resource.status}`,
    address: it.resource?.public_ipv4,
    "reserved ip": it.reserved_ip ? (it.reserved_ip_address ?? "none yet") : null,
    region: it.region,
    size: it.size_slug,
    image: it.image,
    volume: it.volume && toldHeld(it.volume),
    release: it.release,
    variables: it.variable_names.join(" "),
    labels: toldLabels(it.labels),
    adopted: it.adopted ? "yes: arcadia deployments unadopt gives its droplet back" : null,
    protected: it.protected ? "yes: an admin has to lift it before it can be destroyed" : null,
    costs: it.monthly_usd === null ? null : `${toldUsd(it.monthly_usd)} a month`,
    health: it.health && `${it.health.state}${it.health.reason === null ? "" : `: ${printable(it.health.reason)}`}`,
    "health check": it.health_check && toldCheck(it.health_check),
    created: relative(it.created_at, now),
    activated: relative(it.activated_at, now),
    ended: relative(it.ended_at, now),
  });
  for (const { code, since, message, remedy } of it.conditions) {
    say(cli.stdout, "");
    say(cli.stdout, `${code}, since ${relative(since, now)}: ${printable(message)}.`);
    say(cli.stdout, `  ${printable(remedy)}.`);
  }
  if (!it.saga) return;
  say(cli.stdout, "");
  printSaga(cli, it.saga);
}
