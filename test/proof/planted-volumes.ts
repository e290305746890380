import { Snooze } from "#engine/step.ts";
import { withStep } from "./planted-steps.ts";

type Altering = ReturnType<typeof withStep>;

/** A rollback takes away all that its saga has had in hand, the volume too (rule 47). */
export const deleteVolumeBack = withStep("move_volume", (step) => ({
  ...step,
  compensate: async (reads, io) => {
    const { volumes } = io.digitalOcean;
    const id: string = reads.input.volume.provider_id;
    const { droplet_ids: on } = await volumes.get(id, io.call(io.signal));
    for (const droplet_id of on) await volumes.act(id, { type: "detach", droplet_id }, io.call(io.signal));
    await volumes.delete(id, io.call(io.signal)).catch(() => undefined);
    return undefined;
  },
}));

/** What a failed replacement has moved stays where it is (rule 47). */
export const leaveVolume = withStep("move_volume", (step) => ({ ...step, compensate: async () => undefined }));

const offUnseen = withStep("bring_old_power_off", (step) => ({
  ...step,
  execute: async (reads, io) => {
    const verdict = await step.execute(reads, io);
    return verdict instanceof Snooze ? { down_since: io.clock.now().toISOString() } : verdict;
  },
}));

const offBelieved = withStep("move_volume", (step) => ({
  ...step,
  execute: (reads, io) => {
    const { droplets } = io.digitalOcean;
    const get: typeof droplets.get = async (id, call) => ({ ...(await droplets.get(id, call)), status: "off" });
    const digitalOcean = { ...io.digitalOcean, droplets: { ...droplets, get } };
    return step.execute(reads, Object.create(io, { digitalOcean: { value: digitalOcean } }));
  },
}));

/** The volume is taken off once the shutdown was asked for, not once the droplet is seen to be off (rule 47). */
export const detachRunning: Altering = (sagas) => offBelieved(offUnseen(sagas));
