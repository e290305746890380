import { endedStatuses } from "#saga-ended.ts";
import type { Db, Tx } from "#db/connection.ts";

/** The saga that makes a deployment just now. */
export interface Making {
  readonly sagaId: string;
  readonly back: boolean;
}

/** @returns undefined when no saga that has not ended provisions it */
export async function makingOf(db: Db | Tx, deploymentId: string): Promise<Making | undefined> {
  const saga = await db
    .selectFrom("sagas")
    .select(["id", "direction"])
    .where("deployment_id", "=", deploymentId)
    .where("name", "=", "provision_deployment")
    .where("status", "not in", endedStatuses)
    .executeTakeFirst();
  return saga && { sagaId: saga.id, back: saga.direction === "back" };
}
