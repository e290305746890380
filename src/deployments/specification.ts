import { sql } from "kysely";
import type { Tx } from "#db/connection.ts";

/** A change that a saga makes of an active deployment that is handed to it. */
export interface SagaChange {
  readonly deployment_id: string;
  readonly sagaId: string;
  readonly at: Date;
}

export interface Specification {
  readonly size_slug?: string | undefined;
  readonly image?: string | undefined;
}

/** Beside what its droplet is, only written: nothing asks to have it back. */
export interface Anew extends Specification {
  readonly release?: string | undefined;
  readonly ssh_keys?: readonly (string | number)[] | undefined;
  /** Whether its droplet was there before us. */
  readonly adopted?: boolean | undefined;
}

/** `asked`: what the deployment is made from, whenever it is made; `made`: what its droplet is. */
export interface Respecification {
  readonly asked?: Anew | undefined;
  readonly made: Specification;
}

/** @returns what it was to be before; undefined, with nothing changed, when it is not active or another saga's by now */
export async function markPower(tx: Tx, change: SagaChange, power: "on" | "off"): Promise<"on" | "off" | undefined> {
  const before = await mine(tx, change);
  if (!before) return undefined;
  await tx
    .updateTable("deployments")
    .set({ power, updated_at: change.at })
    .where("id", "=", change.deployment_id)
    .execute();
  return before.power;
}

/**
 * Writes what the deployment is made from, and what its droplet is.
 * @returns the same fields as they were; undefined, with nothing changed, when it is not active or another saga's by now
 */
export async function respecify(
  tx: Tx,
  change: SagaChange,
  { asked, made }: Respecification,
): Promise<Respecification | undefined> {
  const before = await mine(tx, change);
  if (!before) return undefined;
  const droplet = await tx
    .selectFrom("cloud_provisioned as spec")
    .innerJoin("cloud_resources as resource", "resource.id", "spec.resource_id")
    .select(["resource.id", "spec.size_slug", "spec.image"])
    .where("resource.deployment_id", "=", change.deployment_id)
    .where("resource.destroyed_by", "is", null)
    .orderBy("resource.deleted_at", (order) => order.desc().nullsFirst())
    .orderBy("resource.first_seen_at", "desc")
    .executeTakeFirst();
  const { ssh_keys: keys, ...columns } = asked ?? {};
  if (asked)
    await tx
      .updateTable("deployments")
      .set({ ...columns, ...(keys && { ssh_keys: JSON.stringify(keys) }), updated_at: change.at })
      .where("id", "=", change.deployment_id)
      .execute();
  if (droplet) await tx.updateTable("cloud_provisioned").set(made).where("resource_id", "=", droplet.id).execute();
  const then = (fields: Specification, row: { size_slug: string; image: string }): Specification => ({
    ...(fields.size_slug !== undefined && { size_slug: row.size_slug }),
    ...(fields.image !== undefined && { image: row.image }),
  });
  return { ...(asked && { asked: then(asked, before) }), made: then(made, droplet ?? before) };
}

/** Writes how large the deployment's volume is by now. Nothing is changed where it is not active, or another saga's. */
export async function growVolume(tx: Tx, change: SagaChange, sizeGib: number): Promise<void> {
  if (!(await mine(tx, change))) return;
  await tx
    .updateTable("deployments")
    .set({ volume: sql`jsonb_set(volume, '{size_gib}', to_jsonb(${sizeGib}::int))`, updated_at: change.at })
    .where("id", "=", change.deployment_id)
    .where("volume", "is not", null)
    .execute();
}

const mine = (tx: Tx, { deployment_id, sagaId }: SagaChange) =>
  tx
    .selectFrom("deployments")
    .select(["power", "size_slug", "image"])
    .where("id", "=", deployment_id)
    .where("saga_id", "=", sagaId)
    .where("status", "=", "active")
    .forUpdate()
    .executeTakeFirst();
