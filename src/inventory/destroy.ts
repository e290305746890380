import type { Tx } from "#db/connection.ts";
import { findDeployment } from "#deployments/queries.ts";
import { liveAmong, liveSagaOfDroplet } from "#progress/queries.ts";
import { notFound, Refusal } from "#refusal.ts";
import { lockResource, type ResourceRow } from "./queries.ts";

const sagaTag = /^arcadia-saga-([0-9a-f-]{36})$/;

/**
 * The droplet that is asked to be destroyed, locked: known to the inventory, there, and owned by nothing that lives.
 * @throws {Refusal} `not_found`, `droplet_deleted`, `droplet_unmanaged`, `droplet_in_use`
 */
export async function claimableDroplet(
  tx: Tx,
  providerId: number,
  asked: { readonly unmanaged: boolean },
): Promise<ResourceRow> {
  const row = await lockResource(tx, providerId);
  if (!row) throw notFound("droplet in the inventory with id", providerId);
  if (row.deleted_at)
    throw new Refusal("droplet_deleted", `Droplet ${providerId} was deleted at ${row.deleted_at.toISOString()}`);
  if (!row.managed && !asked.unmanaged)
    throw new Refusal(
      "droplet_unmanaged",
      `Droplet ${providerId} (${row.name}) was not made here; an admin destroys it with ?unmanaged=true`,
    );
  const owner = await ownerOf(tx, row);
  if (owner)
    throw new Refusal("droplet_in_use", `Droplet ${providerId} (${row.name}) belongs to ${owner}; nothing was done`);
  return row;
}

async function ownerOf(tx: Tx, row: ResourceRow): Promise<string | undefined> {
  if (row.deployment_id) {
    const deployment = await findDeployment(tx, row.deployment_id);
    if (deployment && ["provisioning", "active", "deprovisioning"].includes(deployment.status))
      return `deployment ${deployment.id} (${deployment.hostname}), which is ${deployment.status}`;
  }
  const destroying = await liveSagaOfDroplet(tx, row.provider_id);
  if (destroying) return `saga ${destroying}, which is destroying it`;
  const tagged = row.tags.flatMap((tag) => sagaTag.exec(tag)?.[1] ?? []);
  const written = [row.registered_by, row.linked_by].filter((id) => id !== null);
  const [live] = await liveAmong(tx, [...tagged, ...written]);
  return live && `saga ${live}, which has not ended`;
}
