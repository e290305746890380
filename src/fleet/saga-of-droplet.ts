import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { sagaOf, sagaTag } from "#resources/kinds/droplet-handle.ts";
import { droplet as kind } from "#resources/kinds/droplet.ts";

interface Named {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
}

/** The saga that answers for a droplet, as this database holds it. */
export interface Maker {
  readonly id: string;
  readonly status: string;
  readonly finished_at: Date | null;
}

/**
 * Whose each droplet is, by droplet id: that of the ledger's row whose tag it carries, or, since tags arrive late and may
 * never (rule 13), whose name. A name alone is enough only for a saga that has not ended, or not before `namesSince`: later
 * it may be a person's copy. Droplets that the ledger knows nothing of are left out.
 */
export async function makersOf(db: Db | Tx, droplets: readonly Named[], namesSince: Date): Promise<Map<number, Maker>> {
  const tags = droplets.flatMap((droplet) => tagOf(droplet) ?? []);
  const names = droplets.filter((droplet) => tagOf(droplet) === undefined).map(({ name }) => name);
  if (tags.length + names.length === 0) return new Map();
  const found = await db
    .selectFrom("provider_resources as held")
    .innerJoin("sagas", "sagas.id", "held.saga_id")
    .select(["sagas.id", "sagas.status", "sagas.finished_at", "held.handle"])
    .where("held.kind", "=", kind.name)
    .where("held.origin", "=", "made")
    .where((where) =>
      where.or([
        ...(tags.length > 0 ? [where(sql`handle ->> 'tag'`, "in", tags)] : []),
        ...(names.length > 0 ? [where(sql`handle ->> 'name'`, "in", names)] : []),
      ]),
    )
    // Of several, the newest answers.
    .orderBy("held.created_at")
    .execute();
  const rows = found.map(({ handle, ...maker }) => ({ ...kind.handle.parse(handle), maker }));
  const byTag = new Map(rows.map(({ tag, maker }): [string, Maker] => [tag, maker]));
  const byName = new Map(
    rows
      .filter(({ maker }) => maker.finished_at === null || maker.finished_at >= namesSince)
      .map(({ name, maker }): [string, Maker] => [name, maker]),
  );
  return new Map(
    droplets.flatMap((droplet) => {
      const tag = tagOf(droplet);
      const maker = tag === undefined ? byName.get(droplet.name) : byTag.get(tag);
      return maker ? [[droplet.id, maker] as const] : [];
    }),
  );
}

function tagOf(droplet: Named): string | undefined {
  const saga = sagaOf(droplet);
  return saga === undefined ? undefined : sagaTag(saga);
}
