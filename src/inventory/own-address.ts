import type { Db, Tx } from "#db/connection.ts";
import { everHeld } from "#resources/rows.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";

interface Addressed {
  readonly public_ipv4: string | null;
  readonly other_public_ipv4: readonly string[];
}

/**
 * Droplets at their own addresses: a reserved IP of ours that leads to one, or did, is listed as one more public address
 * of it (rule 49). One that shows no other has not told its own yet.
 */
export async function atOwnAddress<Shown extends Addressed>(
  db: Db | Tx,
  droplets: readonly Shown[],
): Promise<Omit<Shown, "other_public_ipv4">[]> {
  const reserved = droplets.some((it) => it.public_ipv4 !== null) ? await everHeld(db, reservedIpKind) : new Set();
  return droplets.map(({ other_public_ipv4: others, ...droplet }) => ({
    ...droplet,
    public_ipv4: [droplet.public_ipv4, ...others].find((it) => it !== null && !reserved.has(it)) ?? null,
  }));
}
