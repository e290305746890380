import { z } from "zod";
import type { Snapshot } from "#providers/digitalocean/snapshots.ts";
import type { Kind } from "../kind.ts";
import { deleteSnapshot, getSnapshot } from "./snapshot.ts";
import { volumeSnapshotKind } from "./volume-handle.ts";

/** Its name, which has to be one that nothing else has, and the volume it is made of. */
const volumeSnapshotHandle = z.object({ name: z.string(), volume_id: z.string() });
type VolumeSnapshotHandle = Readonly<z.output<typeof volumeSnapshotHandle>>;

/** It outlives its volume. DigitalOcean makes it at once, whether the volume is attached or not. */
export const volumeSnapshot: Kind<VolumeSnapshotHandle, undefined, Snapshot> = {
  name: volumeSnapshotKind,
  called: "volume snapshot",
  handle: volumeSnapshotHandle,

  async create(io, { name, volume_id: id }, _spec, call) {
    return (await io.digitalOcean.snapshots.ofVolume(id, name, call)).id;
  },

  async find(io, handle) {
    const { items, begunAt } = await io.digitalOcean.snapshots.list("volume", io.call(io.signal), handle.name);
    const ours = items.filter((it) => isOf(it, handle)).map(({ id }) => id);
    return { ids: ours.toSorted(), begunAt };
  },

  get: (io, id) => getSnapshot(io, id),

  isOurs: (seen, { handle }) => isOf(seen, handle),

  async look(io, id) {
    const { items, begunAt } = await io.digitalOcean.snapshots.list("volume", io.call(io.signal));
    return { shown: items.some((it) => it.id === id), begunAt };
  },

  remove: (io, id, _handle, call) => deleteSnapshot(io, id, call),

  whenForeign: "stop",
  holdsData: true,
};

const isOf = (it: Snapshot, { name, volume_id: id }: VolumeSnapshotHandle): boolean =>
  it.name === name && it.resource_id === id;
