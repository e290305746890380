import type { Kind } from "../kind.ts";
import { dnsRecord } from "./dns-record.ts";
import { droplet } from "./droplet.ts";
import { reservedIp } from "./reserved-ip.ts";
import { snapshot } from "./snapshot.ts";
import { volume } from "./volume.ts";
import { volumeSnapshot } from "./volume-snapshot.ts";

/** A kind whose own types are forgotten: for who enumerates them. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where a kind's own types are forgotten
export type AnyKind = Kind<any, any, any>;

/** Every kind there is, by name. */
export const allKinds: ReadonlyMap<string, AnyKind> = new Map(
  [droplet, dnsRecord, snapshot, volume, volumeSnapshot, reservedIp].map((kind): [string, AnyKind] => [
    kind.name,
    kind,
  ]),
);
