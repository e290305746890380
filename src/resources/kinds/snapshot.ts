import { z } from "zod";
import type { Call } from "#providers/digitalocean/call.ts";
import type { Snapshot } from "#providers/digitalocean/snapshots.ts";
import { type Removal, removalOf, unlessMissing } from "#providers/digitalocean/errors.ts";
import type { Asking, Kind, Looking } from "../kind.ts";

/** Its name, which has to be one that nothing else has: a snapshot is made without tags. And the droplet it is made of. */
const snapshotHandle = z.object({ name: z.string(), droplet_id: z.int() });
type SnapshotHandle = Readonly<z.output<typeof snapshotHandle>>;

/** Of a droplet. What is asked for is an action, whose answer does not tell the snapshot's id: it is found by its name. */
export const snapshot: Kind<SnapshotHandle, undefined, Snapshot> = {
  name: "snapshot",
  called: "snapshot",
  handle: snapshotHandle,

  async create(io, { name, droplet_id: id }, _spec, call) {
    await io.digitalOcean.actions.start(id, { type: "snapshot", name }, call);
    return undefined;
  },

  async find(io, handle) {
    const { items, begunAt } = await io.digitalOcean.snapshots.list("droplet", io.call(io.signal), handle.name);
    const ours = items.filter((it) => isOf(it, handle)).map(({ id }) => id);
    if (ours.length > 0) return { ids: ours.toSorted(byAge), begunAt };
    const underWayUntil = await lastUnderWay(io, handle.droplet_id);
    return { ids: [], begunAt, ...(underWayUntil && { underWayUntil }) };
  },

  get: (io, id) => getSnapshot(io, id),

  isOurs: (seen, { handle }) => isOf(seen, handle),

  async look(io, id) {
    const { items, begunAt } = await io.digitalOcean.snapshots.list("droplet", io.call(io.signal));
    return { shown: items.some((it) => it.id === id), begunAt };
  },

  remove: (io, id, _handle, call) => deleteSnapshot(io, id, call),

  whenForeign: "stop",
};

/** Of a droplet or of a volume. */
export const getSnapshot = (io: Asking, id: string): Promise<Snapshot | undefined> =>
  unlessMissing(io.digitalOcean.snapshots.get(id, io.call(io.signal)));

export const deleteSnapshot = ({ digitalOcean }: Asking, id: string, call: Call): Promise<Removal> =>
  removalOf(digitalOcean.snapshots.delete(id, call));

const isOf = (it: Snapshot, { name, droplet_id: id }: SnapshotHandle): boolean =>
  it.name === name && it.resource_id === String(id);

const byAge = (a: string, b: string): number => Number(a) - Number(b);

/** When the last snapshot of the droplet was done: now, while one is being made. It may take an hour. */
async function lastUnderWay(io: Looking, dropletId: number): Promise<Date | undefined> {
  const now = io.clock.now();
  // Of a droplet that is gone no snapshot is made any more.
  const { items = [] } = (await unlessMissing(io.digitalOcean.actions.list(dropletId, io.call(io.signal)))) ?? {};
  const times = items.filter(({ type }) => type === "snapshot").map(({ completed_at: at }) => (at ?? now).getTime());
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}
