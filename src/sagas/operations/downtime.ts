import { sql } from "kysely";
import type { Tx } from "#db/connection.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import type { Subject } from "./operation.ts";

/** For how long a deployment is down while its volume is moved: by how long it was the last time, where there was one. */
export async function downtimeWords(tx: Tx, { deployment, health_check: check }: Subject): Promise<string> {
  const { id, reserved_ip: isReserved } = deployment;
  const record = (await heldOfKind(tx, recordKind, [id])).get(id);
  const ttl = record ? (recordHandle.parse(record.handle).ttl ?? 1800) : 0;
  const last = await lastDownSeconds(tx, id);
  const takes =
    last === undefined
      ? "two minutes or so: up to 60 s until the old one is off, the snapshot, the move, the start of the app" +
        (check ? `, at most ${check.deadline_seconds} s` : "")
      : `about ${last} s, as the last time`;
  const moved = `while its volume is moved, ${takes}`;
  // The address stays: nobody is led to the old one any more.
  if (isReserved) return moved;
  return `${moved}; who has just looked its name up is led to the old one for up to ${ttl} s more`;
}

async function lastDownSeconds(tx: Tx, deploymentId: string): Promise<number | undefined> {
  const row = await tx
    .selectFrom("sagas")
    .innerJoin("saga_steps as steps", "steps.saga_id", "sagas.id")
    .select(sql<number | null>`(steps.output ->> 'down_seconds')::int`.as("seconds"))
    .where("sagas.deployment_id", "=", deploymentId)
    .where("sagas.name", "=", "replace_deployment")
    .where("sagas.status", "=", "completed")
    .where("steps.name", "=", "record_specification")
    .orderBy("sagas.finished_at", "desc")
    .executeTakeFirst();
  return row?.seconds ?? undefined;
}
