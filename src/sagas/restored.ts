import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { fresh, note, open, rowsOf } from "#resources/ledger.ts";
import { createDroplet } from "./steps/create-droplet.ts";

const named = z.object({ name: z.string() });

/**
 * A create that the backup does not know as done may have been done after it: what it made is looked for, as after an
 * answer that was lost (rule 14). Without this a restored saga would make a second droplet.
 */
export async function doubtCreate(tx: Tx, sagaId: string, { ids, now }: { ids: Ids; now: Date }): Promise<void> {
  const saga = await tx
    .selectFrom("saga_steps")
    .innerJoin("sagas", "sagas.id", "saga_steps.saga_id")
    .select(["saga_steps.output", "sagas.input", "sagas.direction", "sagas.deployment_id", "sagas.tenant_id"])
    .where("sagas.id", "=", sagaId)
    .where("saga_steps.name", "=", createDroplet.name)
    .executeTakeFirst();
  if (!saga || saga.output !== null || saga.direction === "back") return;
  const doubted = { answered_at: now, looks_without: 0, last_look_at: null };
  const [row] = await rowsOf(tx, sagaId, createDroplet.name, droplet.name);
  if (row?.phase === "sending") await note(tx, row, doubted);
  if (row) return;
  const { deployment_id, tenant_id } = saga;
  const begins = { id: ids.uuid(), kind: droplet.name, saga_id: sagaId, step: createDroplet.name } as const;
  const handle = handleOf(sagaId, named.parse(saga.input).name);
  const made = { handle, deployment_id, tenant_id, origin: "made", phase: "sending" } as const;
  await open(tx, fresh({ ...begins, ...made, ...doubted }, now));
}
