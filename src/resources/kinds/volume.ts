import { DigitalOceanError, type Reason, removalOf, unlessMissing } from "#providers/digitalocean/errors.ts";
import type { Volume, VolumeCreate } from "#providers/digitalocean/volumes.ts";
import type { Asking, Kind } from "../kind.ts";
import { retireTag } from "./droplet.ts";
import { volumeHandle, type VolumeHandle, volumeKind } from "./volume-handle.ts";

export type VolumeMade = Omit<VolumeCreate, "name" | "region">;

/** While it is attached its DELETE is refused, and so while something is done to it: looks see that it is still there. */
const passes: ReadonlySet<Reason> = new Set(["conflict", "pending_event", "retry_later", "invalid"]);

/** A disk of its own, on which a deployment's data outlives its droplet. */
export const volume: Kind<VolumeHandle, VolumeMade, Volume> = {
  name: volumeKind,
  called: "volume",
  handle: volumeHandle,

  async create(io, handle, spec, call) {
    const { name, region } = handle;
    try {
      return (await io.digitalOcean.volumes.create({ name, region, ...spec }, call)).id;
    } catch (error) {
      // No other saga asks for this name: an earlier create of this one has made it.
      if (!(error instanceof DigitalOceanError) || error.reason !== "conflict") throw error;
      const [made] = (await list(io, handle)).items;
      if (made) return made.id;
      throw error;
    }
  },

  async find(io, handle) {
    const { items, begunAt } = await list(io, handle);
    return { ids: items.map(({ id }) => id).toSorted(), begunAt };
  },

  get: (io, id) => getVolume(io, id),

  isOurs: (seen, { handle }) => seen.name === handle.name,

  async look(io, id, handle) {
    const { items, begunAt } = await list(io, handle);
    return { shown: items.some((it) => it.id === id), begunAt };
  },

  remove: (io, id, _handle, call) => removalOf(io.digitalOcean.volumes.delete(id, call), passes),

  whenForeign: "stop",
  holdsData: true,

  /** Its droplet, whose saga's tag it carries too, was gone before it. */
  retire: (io, { tag }) => retireTag(io, tag),
};

const list = (io: Asking, { name, region }: VolumeHandle) =>
  io.digitalOcean.volumes.list({ name, region }, io.call(io.signal));

/** @returns undefined on a 404, which by itself proves nothing (rule 17) */
export const getVolume = (io: Asking, id: string): Promise<Volume | undefined> =>
  unlessMissing(io.digitalOcean.volumes.get(id, io.call(io.signal)));
