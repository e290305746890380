import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { sagaOf, suffixOf } from "#provider/handle.ts";

interface Named {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
}

/** The saga that made a droplet, as this database holds it. */
export interface Maker {
  readonly id: string;
  readonly status: string;
  readonly finished_at: Date | null;
}

/**
 * Whose each droplet is, by droplet id: the saga that its tag names, or, since tags arrive late and may never (rule 13),
 * the one that its name ends with. Droplets of sagas that this database does not know are left out.
 */
export async function makersOf(db: Db | Tx, droplets: readonly Named[]): Promise<Map<number, Maker>> {
  const suffixes = new Map<number, string>();
  for (const droplet of droplets) {
    const suffix = sagaOf(droplet)?.replaceAll("-", "").slice(-18) ?? suffixOf(droplet.name);
    if (suffix !== undefined) suffixes.set(droplet.id, suffix);
  }
  if (suffixes.size === 0) return new Map();
  const { rows } = await sql<Maker & { suffix: string }>`
    select id, status, finished_at, right(replace(id::text, '-', ''), 18) as suffix from sagas
    where right(replace(id::text, '-', ''), 18) = any(${[...new Set(suffixes.values())]})
  `.execute(db);
  const bySuffix = new Map(rows.map(({ suffix, ...maker }) => [suffix, maker]));
  const makers = new Map<number, Maker>();
  for (const droplet of droplets) {
    const maker = bySuffix.get(suffixes.get(droplet.id) ?? "");
    const tagged = sagaOf(droplet);
    if (maker && (tagged === undefined || tagged === maker.id)) makers.set(droplet.id, maker);
  }
  return makers;
}
