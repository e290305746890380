import { createHash } from "node:crypto";

const digest = (seed: number, what: string): Buffer => createHash("sha256").update(`${seed}:${what}`).digest();

/** Uniform in [0, 1), the same for the same seed and subject, whatever was asked before. */
export const chance = (seed: number, what: string): number => digest(seed, what).readUIntBE(0, 6) / 2 ** 48;

/** A version 4 shaped UUID out of the seed. */
export function seededUuid(seed: number, what: string): string {
  const raw = digest(seed, what).subarray(0, 16);
  raw.writeUInt8((raw.readUInt8(6) & 0x0f) | 0x40, 6);
  raw.writeUInt8((raw.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = raw.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Replayable bytes: block n is the hash of the seed and n. */
export function seededBytes(seed: number): (count: number) => Buffer {
  let block = 0;
  return (count) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) blocks.push(digest(seed, `bytes ${block++}`));
    return Buffer.concat(blocks).subarray(0, count);
  };
}
