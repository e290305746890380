import { InvalidArgumentError } from "commander";
import { type NewVolume, toldVolume, type Volume } from "#api/volume.ts";

/** `50` or `50:xfs`, as an option's value. */
export function volumeOf(value: string): Partial<NewVolume> {
  const [, size, filesystem] = /^(\d{1,6})(?::(ext4|xfs))?$/.exec(value) ?? [];
  if (size === undefined) throw new InvalidArgumentError("It is a size in GiB, and may name ext4 or xfs: 50, 50:xfs.");
  return {
    size_gib: Number(size),
    ...(filesystem !== undefined && { filesystem: filesystem === "xfs" ? "xfs" : "ext4" }),
  };
}

/** With what it is called at the provider, where it is there. */
export const toldHeld = (it: Volume): string => `${toldVolume(it)}${it.name === null ? "" : `, ${it.name}`}`;
