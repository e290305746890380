import type { Tx } from "#db/connection.ts";
import { findDeployment } from "#deployments/queries.ts";
import { liveAmong, liveMakerOf, liveSagaOfDroplet } from "#saga-queries/queries.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { notFound, Refusal } from "#refusal.ts";
import { lockResource, type ResourceRow } from "#inventory/queries.ts";
import { sightingOf } from "#inventory/sightings.ts";

const sagaTag = /^arcadia-saga-([0-9a-f-]{36})$/;

/** A droplet as far as anything here knows it. */
interface Known extends Pick<ResourceRow, "provider_id" | "deployment_id" | "registered_by" | "linked_by" | "managed"> {
  /** Null: nothing here has ever seen it. */
  readonly name: string | null;
  readonly tags: readonly string[];
}

/**
 * The droplet that is asked to be destroyed: there, and owned by nothing that lives. Its row of the inventory is locked;
 * one that is too young for the inventory is known by what a look saw of it. With `unmanaged`, which is an admin's, the
 * id alone will do: what the account holds under it is seen by the saga before it is destroyed.
 * @throws {Refusal} `not_found`, `droplet_deleted`, `droplet_unmanaged`, `droplet_in_use`
 */
export async function claimableDroplet(
  tx: Tx,
  providerId: number,
  asked: { readonly unmanaged: boolean },
): Promise<Pick<Known, "name" | "managed">> {
  const row = await lockResource(tx, providerId);
  if (row?.deleted_at)
    throw new Refusal("droplet_deleted", `Droplet ${providerId} was deleted at ${row.deleted_at.toISOString()}`);
  const seen = row ?? (await glimpsed(tx, providerId));
  const droplet = seen ?? { ...nobodys, provider_id: providerId, name: null, tags: [], managed: false };
  const named = `Droplet ${providerId}${droplet.name === null ? "" : ` (${droplet.name})`}`;
  const owner = await ownerOf(tx, droplet);
  if (!droplet.managed && !asked.unmanaged && !owner) {
    if (!seen) throw notFound("droplet in the inventory with id", providerId);
    throw new Refusal("droplet_unmanaged", `${named} was not made here; an admin destroys it with ?unmanaged=true`);
  }
  if (owner) throw new Refusal("droplet_in_use", `${named} belongs to ${owner}; nothing was done`);
  return droplet;
}

const nobodys = { deployment_id: null, registered_by: null, linked_by: null };

/** What a look saw of a droplet that the inventory does not have yet. */
async function glimpsed(tx: Tx, providerId: number): Promise<Known | undefined> {
  const sighting = await sightingOf(tx, providerId);
  if (!sighting) return undefined;
  const { name, tags } = sighting.droplet;
  const installation = await tx.selectFrom("installation").select("id").executeTakeFirst();
  const managed = installation !== undefined && tags.includes(installTag(installation.id));
  return { ...nobodys, provider_id: providerId, name, tags, managed };
}

async function ownerOf(tx: Tx, row: Known): Promise<string | undefined> {
  if (row.deployment_id) {
    const deployment = await findDeployment(tx, row.deployment_id);
    if (deployment && ["provisioning", "active", "deprovisioning"].includes(deployment.status))
      return `deployment ${deployment.id} (${deployment.hostname}), which is ${deployment.status}`;
  }
  const destroying = await liveSagaOfDroplet(tx, row.provider_id);
  if (destroying) return `saga ${destroying}, which is destroying it`;
  const maker = await liveMakerOf(tx, row.provider_id);
  if (maker) return `saga ${maker}, which made it and has not ended`;
  const tagged = row.tags.flatMap((tag) => sagaTag.exec(tag)?.[1] ?? []);
  const written = [row.registered_by, row.linked_by].filter((id) => id !== null);
  const [live] = await liveAmong(tx, [...tagged, ...written]);
  return live && `saga ${live}, which has not ended`;
}
