import { z } from "zod";
import { after } from "#clock.ts";
import { disown, recordOf, release } from "#dns/records.ts";
import { type Attempt, inTransaction, snooze, Snooze } from "#engine/step.ts";
import { deleteRecord, lookFor, missedShape } from "../dns/requests.ts";
import { step, type World } from "../step-context.ts";

interface Reads {
  readonly input: { readonly deployment_id: string };
}
const intent = z.object({ missed: missedShape });
type Io = World & Attempt<z.output<typeof intent>>;

/** Before the droplet goes: its address is given to a stranger soon after. */
export const removeDeploymentDns = step({
  name: "remove_deployment_dns",
  writes: z.object({}),
  intends: intent,

  async execute({ input }: Reads, io: Io) {
    const owned = await recordOf(io.db, input.deployment_id);
    if (!owned) return {};
    const { zone, record_id: id } = owned;
    // Before this, what the provider shows may be older than what we wrote.
    const settled = after(owned.created_at, io.timing.settle);
    const where = { zone, id, name: owned.name };
    const record = await lookFor(io, where, settled, io.intent?.missed ?? null, (missed) => io.intend({ missed }));
    if (record instanceof Snooze) return record;
    if (record === "gone")
      return inTransaction(async (tx) => {
        await release(tx, owned, io.saga.id, io.clock.now());
        await io.zones.forget(tx, zone);
        return {};
      });
    if (record.data !== owned.data && io.clock.now() <= settled)
      return snooze(after(settled, 1), `DNS record ${id} to show what we wrote`);
    if (record.data !== owned.data) {
      await io.note(`DNS record ${id} was changed by somebody else; it is left as it is`);
      return inTransaction(async (tx) => {
        await disown(tx, zone, id);
        return {};
      });
    }
    await deleteRecord(io, zone, id);
    return snooze(after(io.clock.now(), io.timing.poll), `DNS record ${id} to disappear`);
  },

  /** Goes forward only. */
  async compensate() {},
});
