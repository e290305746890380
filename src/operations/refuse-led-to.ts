import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import { dropletOf } from "#inventory/registration.ts";
import { Refusal } from "#refusal.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { heldForOwner } from "#resources/rows.ts";

/**
 * An adopted droplet is not destroyed while a record that is not ours leads to it, as far as the zones were read: its
 * address would go to a stranger. The saga looks afresh.
 * @throws {Refusal} `dns_leads_there`
 */
export async function refuseLedTo(tx: Tx, deployment: DeploymentRow): Promise<void> {
  if (!deployment.adopted || deployment.status !== "active") return;
  const droplet = await dropletOf(tx, deployment.id);
  if (!droplet?.public_ipv4) return;
  const held = await heldForOwner(tx, { deployment_id: deployment.id });
  const own = new Set(held.filter(({ kind }) => kind === recordKind).map((row) => row.provider_id));
  const leading = await tx
    .selectFrom("zone_records")
    .select(["id", "zone", "name"])
    .where("data", "=", droplet.public_ipv4)
    .orderBy("id")
    .execute();
  const other = leading.find(({ id }) => !own.has(String(id)));
  if (!other) return;
  throw new Refusal(
    "dns_leads_there",
    `Record ${other.id} (${other.name}) of zone ${other.zone} leads to ${droplet.public_ipv4}, the address of ${deployment.hostname}, ` +
      "and is not ours: remove it, run arcadia inventory sync, then ask again. Nothing was changed",
  );
}
