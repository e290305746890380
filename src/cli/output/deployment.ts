import type { Deployment } from "#api/deployments.ts";
import { type Cli, say } from "#cli/cli.ts";
import { printable } from "./printable.ts";
import { printSaga } from "./saga.ts";
import { status } from "./status.ts";
import { printFields } from "./table.ts";
import { relative } from "./time.ts";

/** The deployment, its droplet and its newest saga. */
export function printDeployment(cli: Cli, it: Deployment, tenant: string | undefined): void {
  const now = cli.clock.now();
  printFields(cli.stdout, {
    deployment: it.id,
    name: printable(it.name),
    hostname: it.hostname,
    tenant: tenant ?? it.tenant_id,
    status: status(cli.stdout, it.status),
    reason: it.reason && printable(it.reason),
    droplet: it.resource && `${it.resource.provider_id} ${it.resource.status}`,
    address: it.resource?.public_ipv4,
    region: it.region,
    size: it.size_slug,
    image: it.image,
    created: relative(it.created_at, now),
    activated: relative(it.activated_at, now),
    ended: relative(it.ended_at, now),
  });
  if (!it.saga) return;
  say(cli.stdout, "");
  printSaga(cli, it.saga);
}
