import { z } from "zod";
import type { Droplet } from "#providers/digitalocean/droplets.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { recheckLater } from "#engine/store.ts";
import { quarantineMs } from "#fleet/rechecks.ts";
import { markDeleted, registrarOf } from "#inventory/registration.ts";
import { closeStray } from "#inventory/strays.ts";
import { after } from "#clock.ts";
import { installTag } from "#provider/handle.ts";
import { notBegun, remove, removalShape } from "../removal.ts";
import { step, type World } from "../step-context.ts";

export const doomedDroplet = z.object({
  /** Null: the deployment has no droplet any more. */
  provider_id: z.int().nullable(),
  /** The name under which the inventory knows it. */
  name: z.string().nullable(),
  /** An admin wants a droplet gone that we did not make. */
  unmanaged: z.boolean(),
});

interface Reads {
  readonly input: z.output<typeof doomedDroplet>;
}
const intent = z.object({ removal: removalShape });
type Io = World & Attempt<z.output<typeof intent>>;

export const destroyDroplet = step({
  name: "destroy_droplet",
  writes: z.object({}),
  intends: intent,

  async execute({ input }: Reads, io: Io) {
    const id = input.provider_id;
    if (id === null) return {};
    const target = {
      id,
      name: input.name,
      isOurs: (droplet: Droplet) =>
        input.unmanaged || droplet.tags.includes(installTag(io.installId)) || droplet.name === input.name,
      settledAt: io.saga.startedAt,
      inFleet: !input.unmanaged,
    };
    const outcome = await remove(io, target, io.intent?.removal ?? notBegun, (removal) => io.intend({ removal }));
    if (outcome !== "absent") return outcome;
    return inTransaction(async (tx) => {
      const now = io.clock.now();
      const maker = await registrarOf(tx, id);
      await markDeleted(tx, id, now, io.saga.id);
      await closeStray(tx, id, now);
      // The tag outlives the droplet: it is deleted after a day, off the critical path (rule 18).
      if (maker) await recheckLater(tx, maker, after(now, quarantineMs));
      return {};
    });
  },

  /** Irreversible: what is destroyed stays so. */
  async compensate(_reads, io: Io) {
    await io.note("A destroyed droplet cannot be brought back; nothing was undone");
  },
});
