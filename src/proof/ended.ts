import { sql } from "kysely";
import type { Db } from "#db/connection.ts";

/** The rows of sagas that have ended, as texts, by what they are. */
export type Ended = ReadonlyMap<string, string>;

export async function readEnded(db: Db): Promise<Ended> {
  const { rows } = await sql<{ what: string; row: string }>`
    with ended as (select * from sagas where finished_at is not null)
    select 'saga ' || id as what, to_jsonb(ended)::text as row from ended
    union all
    select 'step ' || it.name || ' of saga ' || it.saga_id, to_jsonb(it)::text
    from saga_steps it join ended on ended.id = it.saga_id
    union all
    select 'event ' || it.sequence || ' of saga ' || it.saga_id, to_jsonb(it)::text
    from saga_log it join ended on ended.id = it.saga_id`.execute(db);
  return new Map(rows.map(({ what, row }) => [what, row]));
}

/** 20. What has ended is not written any more, whatever other sagas do. */
export async function changedSince(db: Db, before: Ended): Promise<string[]> {
  if (before.size === 0) return [];
  const now = await readEnded(db);
  return [...before].flatMap(([what, row]) =>
    now.get(what) === row ? [] : [`20: ${what} had ended, and was changed`],
  );
}
