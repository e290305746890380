import { z } from "zod";
import { after } from "#clock.ts";
import { disown, recordOf, release } from "#dns/records.ts";
import { type Attempt, inTransaction, snooze } from "#engine/step.ts";
import { deleteRecord, findRecord } from "../dns/requests.ts";
import { step, type World } from "../world.ts";

interface Reads {
  readonly input: { readonly deployment_id: string };
}
type Io = World & Attempt<never>;

/** Before the droplet goes: its address is given to a stranger soon after. */
export const removeDeploymentDns = step({
  name: "remove_deployment_dns",
  writes: z.object({}),

  async execute({ input }: Reads, io: Io) {
    const owned = await recordOf(io.db, input.deployment_id);
    if (!owned) return {};
    const { zone, record_id: id } = owned;
    const record = await findRecord(io, { zone, id, name: owned.name });
    // Before it has settled, what the provider shows may be older than what we wrote.
    const settled = io.clock.now() >= after(owned.created_at, io.timing.settle);
    if (!record && settled)
      return inTransaction(async (tx) => {
        await release(tx, owned, io.saga.id, io.clock.now());
        await io.zones.forget(tx, zone);
        return {};
      });
    if (record && record.data !== owned.data) {
      await io.note(`DNS record ${id} was changed by somebody else; it is left as it is`);
      return inTransaction(async (tx) => {
        await disown(tx, zone, id);
        return {};
      });
    }
    if (record) await deleteRecord(io, zone, id);
    return snooze(after(io.clock.now(), io.timing.poll), `DNS record ${id} to disappear`);
  },

  /** Goes forward only. */
  async compensate() {},
});
