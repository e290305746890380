import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { heldBy } from "#resources/kind.ts";
import { dropletTag } from "#resources/kinds/droplet-aspects.ts";
import { type Handle, handleOfAdopted, installTag } from "#resources/kinds/droplet-handle.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { fresh, type Held, move, open } from "#resources/ledger.ts";
import { liveRow } from "#resources/rows.ts";
import { step, type StepContext } from "../step-context.ts";
import type { AdoptionInput } from "./adopted-droplet.ts";

type Io = StepContext & Attempt<never>;

interface Reads {
  readonly input: AdoptionInput;
}

/** Our install tag, never a saga's: all that is changed of the droplet. The ledger has it as adopted before that. */
export const tagDroplet = step({
  name: "tag_droplet",
  writes: z.object({}),

  async execute({ input }: Reads, io: Io) {
    const row = (await heldBy(io, droplet))[0] ?? (await hold(input, io));
    return bring(io, { row, aspect: dropletTag(installTag(io.installId)) }, { goal: true }, async () => ({}));
  },

  async compensate(_reads, io: Io) {
    const [row] = await heldBy(io, droplet);
    if (!row) return undefined;
    const waiting = await putBack(io, { row, aspect: dropletTag(installTag(io.installId)) });
    return waiting ?? inTransaction(async (tx) => void (await move(tx, row, "left", io.clock.now())));
  },
});

async function hold({ droplet_id, name, deployment_id, tenant_id }: AdoptionInput, io: Io): Promise<Held<Handle>> {
  const id = String(droplet_id);
  const whose = { deployment_id, tenant_id, saga_id: io.saga.id, step: io.step, kind: droplet.name };
  const begins = { ...whose, id: io.ids.uuid(), origin: "adopted", phase: "there", provider_id: id } as const;
  const row = fresh({ ...begins, handle: handleOfAdopted(name, io.installId) }, io.clock.now());
  if (await liveRow(io.db, droplet.name, id))
    throw new PermanentError("droplet_in_use", `Droplet ${id} is in the ledger already; nothing was done`);
  await io.commit((tx) => open(tx, row));
  return row;
}
