import { z } from "zod";
import { nameSuffix, sagaTag } from "./droplet-handle.ts";

/** Under which the ledger has volumes, and their snapshots. */
export const volumeKind = "volume";
export const volumeSnapshotKind = "volume_snapshot";

/** By what a volume is found again: DigitalOcean has a name once in a region. */
export const volumeHandle = z.object({ tag: z.string(), name: z.string(), region: z.string() });
export type VolumeHandle = Readonly<z.output<typeof volumeHandle>>;

/** By what a program on the droplet finds it, whatever its name: `/dev/disk/by-label/arcadia-data`. */
export const volumeLabel = "arcadia-data";

/** What DigitalOcean takes of a name, the suffix that makes it ours included. */
const longestName = 64;

/** As a droplet's, in the letters that a volume's name may have: lower case, digits and hyphens, a letter first. */
export function volumeHandleOf(sagaId: string, name: string, region: string): VolumeHandle {
  const suffix = `-${nameSuffix(sagaId)}`;
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, longestName - suffix.length)
    .replace(/-$/, "");
  return { tag: sagaTag(sagaId), name: `${plain || "volume"}${suffix}`, region };
}
