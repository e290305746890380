import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import type { Volume } from "#providers/digitalocean/volumes.ts";
import { type Acted, type Aspect, newestActed } from "../aspect.ts";
import type { Io } from "../kind.ts";
import { offFirst } from "./droplet-aspects.ts";
import { getVolume } from "./volume.ts";
import type { VolumeHandle } from "./volume-handle.ts";

/** Of these types alone; DigitalOcean tells of `attach` as `attach_volume`, too. */
const newestOf = (...types: string[]) =>
  async function newestAction(io: Io, id: string): Promise<Acted | null> {
    const { items } = await io.digitalOcean.volumes.actions(id, io.call(io.signal));
    return newestActed(items, (type) => types.some((it) => type.startsWith(it)));
  };

/** @throws {PermanentError} `not_ours` */
const reading =
  <Value>(of: (volume: Volume) => Value) =>
  async (io: Io, id: string, { name }: VolumeHandle): Promise<Value> => {
    const seen = await getVolume(io, id);
    // One 404 does not tell that it is gone, nor do many (rule 17): what has the data of a deployment is waited for.
    if (!seen) throw new Error(`Volume ${id} is answered with a 404`);
    if (seen.name !== name)
      throw new PermanentError("not_ours", `Volume ${id} is somebody else's by now: ${seen.name}`);
    return of(seen);
  };

/** GiB. It never shrinks: there is no way back. The filesystem on it is grown by whoever runs the droplet. */
export const volumeSize: Aspect<VolumeHandle, number> = {
  name: "size",
  called: "the size of volume",
  value: z.int(),
  read: reading((it) => it.size_gigabytes),
  async send(io, id, _handle, size_gigabytes, call) {
    await io.digitalOcean.volumes.act(id, { type: "resize", size_gigabytes }, call);
    return undefined;
  },
  newestAction: newestOf("resize"),
  isRepeatable: true,
};

/**
 * Whether it is attached to this droplet. Taken off it, never off another; what is attached elsewhere is refused by the
 * provider. Taken off a droplet that is on, what has not been written yet is lost: its caller has brought it off, and whoever has
 * turned it on since finds it off again.
 */
export const volumeAttachment = (dropletId: number): Aspect<VolumeHandle, boolean> => ({
  name: `attachment to ${dropletId}`,
  called: `the attachment to droplet ${dropletId} of volume`,
  value: z.boolean(),
  read: reading((it) => it.droplet_ids.includes(dropletId)),
  ready: async (io, attached) =>
    attached ? undefined : offFirst(io, dropletId, "off which a volume is about to be taken"),
  async send(io, id, _handle, attached, call) {
    const type = attached ? "attach" : "detach";
    await io.digitalOcean.volumes.act(id, { type, droplet_id: dropletId }, call);
    return undefined;
  },
  newestAction: newestOf("attach", "detach"),
  isRepeatable: true,
  isRechecked: true,
});
