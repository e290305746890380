import type { NewVolume } from "#api/volume.ts";

/** In a line: `50 GiB, ext4`. */
export const toldVolume = ({ size_gib, filesystem }: NewVolume): string => `${size_gib} GiB, ${filesystem}`;

/** `50` or `50:xfs`, as it is typed; what is no volume is sent as it is, for the server to say what is wrong. */
export function volumeOf(text: string): unknown {
  const [, size, filesystem] = /^(\d{1,6})(?::(\w+))?$/.exec(text.trim()) ?? [];
  if (size === undefined) return text.trim();
  return { size_gib: Number(size), ...(filesystem !== undefined && { filesystem }) };
}
