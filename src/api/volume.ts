import { z } from "zod";
import { volume as shape } from "#volume.ts";

export { largestVolumeGib } from "#volume.ts";

export const newVolume = shape.meta({ id: "NewVolume" });
export type NewVolume = z.infer<typeof newVolume>;

/** In a line: `50 GiB, ext4`. */
export const toldVolume = ({ size_gib, filesystem }: NewVolume): string => `${size_gib} GiB, ${filesystem}`;

/** The disk of a deployment that outlives its droplet, where a program finds it by the label `arcadia-data`. */
export const volume = z
  .object({
    size_gib: z.int(),
    filesystem: z.enum(["ext4", "xfs"]),
    /** Null while there is none yet, or none any more. */
    provider_id: z.string().nullable(),
    name: z.string().nullable(),
  })
  .meta({ id: "Volume" });
export type Volume = z.infer<typeof volume>;
