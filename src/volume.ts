import { z } from "zod";

/** DigitalOcean's largest, in GiB. https://docs.digitalocean.com/products/volumes/details/limits/ */
export const largestVolumeGib = 16_384;

/** The data of a deployment, on a disk of its own that outlives its droplet. */
export const volume = z.strictObject({
  size_gib: z.int().min(1).max(largestVolumeGib),
  /** It is formatted with this when it is made. */
  filesystem: z.enum(["ext4", "xfs"]).default("ext4"),
});
export type VolumeSpec = Readonly<z.output<typeof volume>>;

/** As a row stores it: what has none has null. */
export const volumeOf = (stored: unknown): VolumeSpec | null => volume.nullable().parse(stored);

/** US dollars for each GiB and month. https://www.digitalocean.com/pricing/volumes */
const usdPerGib = 0.1;

/** By the hour, of which a month has no more than 672. */
export const volumeUsdPerGibAndHour = usdPerGib / 672;

/** To a cent: what it costs a month, whether it is used or not. */
export const volumeMonthlyUsd = (stored: unknown): number =>
  Math.round((volumeOf(stored)?.size_gib ?? 0) * usdPerGib * 100) / 100;
