import type { Db, Tx } from "#db/connection.ts";
import type { SeenDroplet } from "./sightings.ts";

export interface Registration {
  /** The row's id if there is none for this droplet yet. */
  readonly id: string;
  readonly droplet: SeenDroplet;
  readonly observedAt: Date;
  readonly sagaId: string;
  readonly spec: { readonly size_slug: string; readonly region: string; readonly image: string };
  readonly at: Date;
}

/**
 * Puts a droplet that we made into the inventory, with its provisioned spec. What an earlier life of its id has left there,
 * one that has ended, is cleared: it says nothing of this one.
 * @returns the resource's id; undefined, and nothing is written, where another saga's droplet has that id
 */
export async function register(tx: Tx, it: Registration): Promise<string | undefined> {
  const { droplet } = it;
  const known = await tx
    .selectFrom("cloud_resources")
    .select(["registered_by", "linked_by", "deleted_at"])
    .where("provider_id", "=", droplet.id)
    .forUpdate()
    .executeTakeFirst();
  const others = [known?.registered_by, known?.linked_by].some((saga) => saga && saga !== it.sagaId);
  if (others && known?.deleted_at === null) return undefined;
  const shown = {
    name: droplet.name,
    status: droplet.status,
    region: droplet.region,
    size_slug: droplet.size_slug,
    image: droplet.image,
    public_ipv4: droplet.public_ipv4,
    tags: [...droplet.tags],
    managed: true,
    registered_by: it.sagaId,
    provider_created_at: droplet.created_at,
    last_seen_at: it.observedAt,
  };
  const { id } = await tx
    .insertInto("cloud_resources")
    .values({ ...shown, id: it.id, provider_id: droplet.id, first_seen_at: it.at })
    .onConflict((conflict) =>
      conflict.column("provider_id").doUpdateSet({
        ...shown,
        deleted_at: null,
        destroyed_by: null,
        ...(others && { first_seen_at: it.at, deployment_id: null, tenant_id: null, linked_by: null }),
      }),
    )
    .returning("id")
    .executeTakeFirstOrThrow();
  const spec = { ...it.spec, saga_id: it.sagaId, recorded_at: it.at };
  await tx
    .insertInto("cloud_provisioned")
    .values({ ...spec, resource_id: id })
    .onConflict((conflict) => conflict.column("resource_id").doUpdateSet(spec))
    .execute();
  await tx.deleteFrom("strays").where("provider_id", "=", droplet.id).execute();
  return id;
}

/** Removes what `register` wrote for this saga; the droplet itself is not touched. */
export async function unregister(tx: Tx, sagaId: string): Promise<void> {
  await tx
    .deleteFrom("cloud_resources")
    .where("registered_by", "=", sagaId)
    .where((where) => where.or([where("linked_by", "is", null), where("linked_by", "=", sagaId)]))
    .execute();
}

/** The droplet stays in the inventory, as what was not made here. @param sagaId only what this saga has registered */
export async function disown(tx: Tx, providerId: number, sagaId?: string): Promise<void> {
  let query = tx
    .updateTable("cloud_resources")
    .set({ managed: false, registered_by: null })
    .where("provider_id", "=", providerId);
  if (sagaId !== undefined) query = query.where("registered_by", "=", sagaId);
  const rows = await query.returning("id").execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await tx.deleteFrom("cloud_provisioned").where("resource_id", "in", ids).execute();
}

export interface Owner {
  readonly deployment_id: string;
  readonly tenant_id: string;
}

/** Shows the resource under its deployment and bills it to its tenant. @returns whether there was such a resource */
export async function link(tx: Tx, resourceId: string, owner: Owner, sagaId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("cloud_resources")
    .set({ ...owner, linked_by: sagaId })
    .where("id", "=", resourceId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Undoes this saga's link, and no later one (rule 21). */
export async function unlink(tx: Tx, sagaId: string): Promise<void> {
  await tx
    .updateTable("cloud_resources")
    .set({ deployment_id: null, tenant_id: null, linked_by: null })
    .where("linked_by", "=", sagaId)
    .execute();
}

/** Another has taken its place: it is the deployment's no more. */
export async function unlinkDroplet(tx: Tx, providerId: number, deploymentId: string): Promise<void> {
  await tx
    .updateTable("cloud_resources")
    .set({ deployment_id: null, tenant_id: null, linked_by: null })
    .where("provider_id", "=", providerId)
    .where("deployment_id", "=", deploymentId)
    .execute();
}

/** Nothing in the inventory is the deployment's any more. */
export async function unlinkAll(tx: Tx, deploymentId: string): Promise<void> {
  await tx
    .updateTable("cloud_resources")
    .set({ deployment_id: null, tenant_id: null, linked_by: null })
    .where("deployment_id", "=", deploymentId)
    .execute();
}

/**
 * The droplet is gone: its row stays, as history. `destroyedBy`: the saga of ours that destroyed it, or proved it gone
 * where it had vanished before; without one it only vanished, and a later listing that shows it brings the row back.
 */
export async function markDeleted(tx: Tx, providerId: number, at: Date, destroyedBy?: string): Promise<void> {
  await tx
    .updateTable("cloud_resources")
    .set({ deleted_at: at, status: "deleted", destroyed_by: destroyedBy ?? null })
    .where("provider_id", "=", providerId)
    .where((where) => where.or([where("deleted_at", "is", null), where.lit(destroyedBy !== undefined)]))
    .execute();
}

/** The droplet of a deployment that none of ours destroyed: there, or missed by listings that may have been wrong. */
export const dropletOf = (tx: Tx, deploymentId: string) =>
  tx
    .selectFrom("cloud_resources")
    .select(["provider_id", "name", "public_ipv4", "region", "deleted_at"])
    .where("deployment_id", "=", deploymentId)
    .where("destroyed_by", "is", null)
    .orderBy("deleted_at", (order) => order.desc().nullsFirst())
    .orderBy("first_seen_at", "desc")
    .executeTakeFirst();

/** The name under which the inventory knows the droplet. */
export const nameOf = async (tx: Tx, providerId: number): Promise<string | null> =>
  (await tx.selectFrom("cloud_resources").select("name").where("provider_id", "=", providerId).executeTakeFirst())
    ?.name ?? null;

/** The droplets of ours that had the address when they were last seen, those that are gone too, the newest first. */
export const dropletsAt = (db: Db | Tx, address: string) =>
  db
    .selectFrom("cloud_resources")
    .select(["provider_id", "registered_by"])
    .where("public_ipv4", "=", address)
    .where("managed", "=", true)
    .orderBy("first_seen_at", "desc")
    .execute();
