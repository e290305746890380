import type { Db, Tx } from "#db/connection.ts";
import { everHeld } from "#resources/rows.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { lastAttachments } from "./attachments.ts";

interface Addressed {
  readonly id: number;
  readonly public_ipv4: string | null;
  readonly other_public_ipv4: readonly string[];
}

/**
 * Droplets at their own addresses: a reserved IP that leads to one, or did, is listed as one more public address of it,
 * be it ours or somebody else's in the account (rule 49). A droplet keeps its own for life: of several that are no
 * reserved IPs as far as is known it is the one that we know already. One that shows no other has not told its own yet.
 */
export async function atOwnAddress<Shown extends Addressed>(
  db: Db | Tx,
  droplets: readonly Shown[],
): Promise<Omit<Shown, "other_public_ipv4">[]> {
  const several = droplets.filter((it) => it.other_public_ipv4.length > 0);
  const ours = droplets.some((it) => it.public_ipv4 !== null) ? await everHeld(db, reservedIpKind) : [];
  const reserved = new Set([...ours, ...(several.length > 0 ? await listedReservedIps(db) : [])]);
  const known = await knownAddresses(
    db,
    several.map(({ id }) => id),
  );
  return droplets.map(({ other_public_ipv4: others, ...droplet }) => {
    const own = [droplet.public_ipv4, ...others].filter((it) => it !== null && !reserved.has(it));
    const kept = known.get(droplet.id);
    return { ...droplet, public_ipv4: (kept && own.includes(kept) ? kept : own[0]) ?? null };
  });
}

/** The account's, where a look has shown them. @param before only by a look that began before then */
export async function listedReservedIps(db: Db | Tx, before?: Date): Promise<string[]> {
  const look = (await lastAttachments(db)).find(({ kind }) => kind === "reserved_ip");
  if (before && look && look.begunAt >= before) return [];
  return look && look.found !== "forbidden" ? look.found.map((it) => it.provider_id) : [];
}

async function knownAddresses(db: Db | Tx, ids: readonly number[]): Promise<Map<number, string | null>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("cloud_resources")
    .select(["provider_id", "public_ipv4"])
    .where("provider_id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.provider_id, row.public_ipv4]));
}
