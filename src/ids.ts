import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Where ids and randomness come from. Handed in, so that a run can be replayed from a seed. */
export interface Ids {
  /** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits. */
  uuid(): string;
  bytes(count: number): Buffer;
  /** Uniform in [0, 1): for jitter. */
  random(): number;
}

export function idsFrom(clock: Clock, bytes: (count: number) => Buffer): Ids {
  return {
    uuid() {
      const raw = bytes(16);
      raw.writeUIntBE(clock.now().getTime(), 0, 6);
      raw.writeUInt8((raw.readUInt8(6) & 0x0f) | 0x70, 6);
      raw.writeUInt8((raw.readUInt8(8) & 0x3f) | 0x80, 8);
      const hex = raw.toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    bytes,
    random: () => bytes(6).readUIntBE(0, 6) / 2 ** 48,
  };
}

/** An id that begins so, with this digit in every place that is left: the first such id with 0, the last with f. */
export const filledId = (prefix: string, digit: "0" | "f"): string =>
  prefix + "00000000-0000-0000-0000-000000000000".replaceAll("0", digit).slice(prefix.length);

export const systemIds = (clock: Clock): Ids => idsFrom(clock, randomBytes);
