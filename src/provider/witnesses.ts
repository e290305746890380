import type { Db } from "#db/connection.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";

/** What an account has to show, at least one of it, to be the one that this database is about. */
export interface Witnesses {
  /** Droplets that were there when last seen: ids are given out once, whoever owns them. */
  readonly droplets: readonly number[];
  /** Our tag: it outlives our droplets. */
  readonly tag: string;
}

const most = 3;

/** @returns undefined when this database has never had a droplet: then there is nothing that another account could lack */
export async function witnessesOf(db: Db): Promise<Witnesses | undefined> {
  const installation = await db.selectFrom("installation").select("id").executeTakeFirst();
  const ours = await db.selectFrom("cloud_resources").select("id").where("managed", "=", true).executeTakeFirst();
  if (!installation || !ours) return undefined;
  const rows = await db
    .selectFrom("cloud_resources")
    .select("provider_id")
    .where("deleted_at", "is", null)
    .orderBy("managed", "desc")
    .orderBy("last_seen_at", "desc")
    .limit(most)
    .execute();
  return { droplets: rows.map((row) => row.provider_id), tag: installTag(installation.id) };
}
