import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { handleOf } from "#provider/handle.ts";
import { aboutToSend, unclear } from "./settling.ts";
import { createDroplet } from "./steps/create-droplet.ts";

const named = z.object({ name: z.string() });
const chosen = z.object({ droplet_ids: z.array(z.int()) });

/**
 * A create that the backup does not know as done may have been done after it: what it made is looked for, as after an
 * answer that was lost (rule 14). Without this a restored saga would make a second droplet.
 */
export async function doubtCreate(tx: Tx, sagaId: string, now: Date): Promise<void> {
  const row = await tx
    .selectFrom("saga_steps")
    .innerJoin("sagas", "sagas.id", "saga_steps.saga_id")
    .select(["saga_steps.position", "saga_steps.intent", "saga_steps.output", "sagas.input", "sagas.direction"])
    .where("sagas.id", "=", sagaId)
    .where("saga_steps.name", "=", createDroplet.name)
    .executeTakeFirst();
  if (!row || row.output !== null || row.direction === "back") return;
  const { name } = named.parse(row.input);
  const known = row.intent === null ? { droplet_ids: [] } : chosen.parse(row.intent);
  const intent = {
    handle: handleOf(sagaId, name),
    sending: unclear(aboutToSend(now), now),
    droplet_ids: known.droplet_ids,
    removal: null,
  };
  await tx
    .updateTable("saga_steps")
    .set({ intent: JSON.stringify(createDroplet.intends?.parse(intent)) })
    .where("saga_id", "=", sagaId)
    .where("position", "=", row.position)
    .execute();
}
