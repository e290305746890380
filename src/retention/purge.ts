import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Kind, Place, Window } from "./what-goes.ts";

/** Few enough that none of them is locked for long. */
const atOnce = 200;

export interface PurgeOptions {
  /** What ended or happened before this goes. */
  readonly before: Date;
  /** Counts what would go, and deletes nothing. */
  readonly dryRun?: boolean;
  /** Is given what goes before it goes, as lines of JSON, and keeps it: rows are deleted once it has resolved. */
  readonly keep?: ((lines: string) => Promise<void>) | undefined;
  /** Whether to go on after a batch. Default: until nothing is left. */
  readonly mayGoOn?: () => boolean;
}

/** Deletes what is older, the oldest first, in small transactions. @returns how many rows of each table */
export async function purge(db: Db, kind: Kind, options: PurgeOptions): Promise<Map<string, number>> {
  const { before, mayGoOn = () => true } = options;
  const gone = new Map<string, number>();
  let after: Place | undefined;
  do {
    const batch = await transact(db, (tx) => purgeBatch(tx, kind, { before, after, most: atOnce }, options));
    for (const [table, count] of batch.gone) gone.set(table, (gone.get(table) ?? 0) + count);
    after = batch.last;
  } while (after && mayGoOn());
  return gone;
}

async function purgeBatch(tx: Tx, kind: Kind, window: Window, options: PurgeOptions) {
  const { ids: found, last } = await kind.next(tx, window);
  const gone = new Map<string, number>();
  if (found.length === 0) return { gone, last };
  const ids = sql`${found}::uuid[]`;
  for (const { table, of, isSecret } of kind.parts) {
    if (!options.keep || options.dryRun || isSecret) continue;
    const { rows } = await sql<{ row: unknown }>`
      select to_jsonb(it) as row from ${sql.table(table)} it where ${of(ids)}`.execute(tx);
    if (rows.length > 0) await options.keep(rows.map(({ row }) => `${JSON.stringify({ table, row })}\n`).join(""));
  }
  if (!options.dryRun) await kind.detach?.(tx, ids);
  for (const { table, of } of kind.parts) {
    if (options.dryRun) {
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from ${sql.table(table)} where ${of(ids)}`.execute(tx);
      gone.set(table, rows[0]?.count ?? 0);
    } else {
      const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${of(ids)}`.execute(tx);
      gone.set(table, Number(numAffectedRows ?? 0));
    }
  }
  if (!options.dryRun) await kind.attach?.(tx);
  return { gone, last };
}
