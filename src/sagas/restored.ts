import type { Tx } from "#db/connection.ts";
import { type Resumption, resume, unfinishedSagas } from "#engine/restored.ts";
import type { Ids } from "#ids.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { doubtAllUnderWay } from "#resources/doubt.ts";
import { fresh, open, rowsOf } from "#resources/ledger.ts";
import { allPhases } from "#resources/phases.ts";
import { createDroplet, dropletSpec } from "./steps/create-droplet.ts";

/** What a saga that makes a droplet is asked for, as far as the droplet's handle goes. */
const named = dropletSpec.pick({ name: true });

/** Doubts all that is under way in a database that may lack what was committed last, and wakes or holds its sagas. @returns those */
export async function doubtAndResume(tx: Tx, { ids, ...how }: Resumption & { readonly ids: Ids }) {
  const sagas = await unfinishedSagas(tx);
  await doubtAllUnderWay(tx, how.now);
  for (const { id } of sagas) {
    await doubtCreate(tx, id, { ids, now: how.now });
    await resume(tx, id, how);
  }
  return sagas;
}

/**
 * A droplet that the backup does not know of may have been made after it: it is held at once, as after a create whose
 * answer was lost (rule 14), so that whoever finds it knows whose it is, also when its saga does not come to it any more.
 * What else a restored saga makes, `ensure` looks for first.
 */
async function doubtCreate(tx: Tx, sagaId: string, { ids, now }: { ids: Ids; now: Date }): Promise<void> {
  const saga = await tx
    .selectFrom("sagas")
    .innerJoin("saga_steps as steps", "steps.saga_id", "sagas.id")
    .select(["sagas.input", "sagas.deployment_id", "sagas.tenant_id"])
    .where("sagas.id", "=", sagaId)
    .where("sagas.direction", "=", "forward")
    .where("steps.name", "=", createDroplet.name)
    .executeTakeFirst();
  if (!saga) return;
  const rows = await rowsOf(tx, sagaId, createDroplet.name, droplet.name, allPhases);
  // What was refused, or is proven absent, was asked for again.
  if (rows.some(({ phase }) => phase !== "refused" && phase !== "absent")) return;
  const { input, deployment_id, tenant_id } = saga;
  const begins = { id: ids.uuid(), kind: droplet.name, saga_id: sagaId, step: createDroplet.name } as const;
  const handle = handleOf(sagaId, named.parse(input).name);
  const made = { handle, deployment_id, tenant_id, origin: "made", phase: "sending", answered_at: now } as const;
  await open(tx, fresh({ ...begins, ...made }, now));
}
