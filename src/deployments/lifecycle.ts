import { sql } from "kysely";
import type { Tx } from "#db/connection.ts";
import { dropVariables } from "./variables.ts";

/**
 * The transitions that sagas make. Each is one guarded statement: it changes nothing, and says so with false, when
 * the deployment is not in the state that it starts from or belongs to another saga.
 */
const moved = async (statement: Promise<{ numUpdatedRows: bigint }>): Promise<boolean> =>
  (await statement).numUpdatedRows === 1n;

/** Hands the deployment to the saga that may move it from now on. */
export async function handTo(tx: Tx, deploymentId: string, sagaId: string): Promise<void> {
  await tx.updateTable("deployments").set({ saga_id: sagaId }).where("id", "=", deploymentId).execute();
}

export const deploymentRow = (tx: Tx, id: string) =>
  tx.selectFrom("deployments").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

/** Still `provisioning`, for this saga. */
export const confirmProvisioning = (tx: Tx, deploymentId: string, sagaId: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({ updated_at: at, reason: null })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "provisioning")
      .executeTakeFirst(),
  );

export const activate = (tx: Tx, deploymentId: string, sagaId: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({ status: "active", activated_at: at, updated_at: at, reason: null, ended_at: null })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "provisioning")
      .executeTakeFirst(),
  );

/** The way down of a provisioning that failed: `cancelled`, and at once `terminated` when it was to be deleted. */
export const cancel = (tx: Tx, deploymentId: string, sagaId: string, reason: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({
        status: sql`case when delete_requested_at is null then 'cancelled' else 'terminated' end`,
        reason,
        ended_at: at,
        updated_at: at,
      })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "provisioning")
      .executeTakeFirst(),
  );

/** The way down of an adoption that failed: there is nothing that could be provisioned again. */
export async function giveUpAdoption(
  tx: Tx,
  deploymentId: string,
  sagaId: string,
  reason: string,
  at: Date,
): Promise<void> {
  await tx
    .updateTable("deployments")
    .set({ status: "terminated", reason, ended_at: at, updated_at: at })
    .where("id", "=", deploymentId)
    .where("saga_id", "=", sagaId)
    .where("status", "=", "provisioning")
    .execute();
}

/** Ends an active deployment whose droplet is given back, not destroyed. */
export const giveBack = (tx: Tx, deploymentId: string, sagaId: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({ status: "terminated", ended_at: at, updated_at: at })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "active")
      .executeTakeFirst(),
  );

export const confirmDeprovisioning = (tx: Tx, deploymentId: string, sagaId: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({ updated_at: at })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "deprovisioning")
      .executeTakeFirst(),
  );

/** Its removal was held, and is withdrawn before it began. */
export async function stayActive(tx: Tx, sagaId: string, at: Date): Promise<void> {
  await tx
    .updateTable("deployments")
    .set({ status: "active", updated_at: at })
    .where("saga_id", "=", sagaId)
    .where("status", "=", "deprovisioning")
    .execute();
}

export const terminate = (tx: Tx, deploymentId: string, sagaId: string, at: Date): Promise<boolean> =>
  moved(
    tx
      .updateTable("deployments")
      .set({ status: "terminated", ended_at: at, updated_at: at })
      .where("id", "=", deploymentId)
      .where("saga_id", "=", sagaId)
      .where("status", "=", "deprovisioning")
      .executeTakeFirst(),
  );

/** user_data is needed until the deployment is active or gone for good. */
export async function dropUserData(tx: Tx, ownerId: string): Promise<void> {
  await tx.deleteFrom("sealed_user_data").where("owner_id", "=", ownerId).execute();
}

/** No droplet of the deployment will be told anything any more. */
export async function dropSecrets(tx: Tx, deploymentId: string): Promise<void> {
  await dropUserData(tx, deploymentId);
  await dropVariables(tx, [deploymentId]);
}

/** Of a deployment that ended: a terminated one is never provisioned again, so its secrets go. */
export async function dropSecretsOfEnded(tx: Tx, deploymentId: string): Promise<void> {
  const ended = await tx
    .selectFrom("deployments")
    .select("id")
    .where("id", "=", deploymentId)
    .where("status", "=", "terminated")
    .executeTakeFirst();
  if (ended) await dropSecrets(tx, deploymentId);
}

export const sealedUserData = async (tx: Pick<Tx, "selectFrom">, ownerId: string): Promise<Buffer | undefined> =>
  (await tx.selectFrom("sealed_user_data").select("sealed").where("owner_id", "=", ownerId).executeTakeFirst())?.sealed;

export async function keepUserData(tx: Tx, ownerId: string, sealed: Buffer, at: Date): Promise<void> {
  await tx.insertInto("sealed_user_data").values({ owner_id: ownerId, sealed, created_at: at }).execute();
}
