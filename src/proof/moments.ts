import { sql } from "kysely";
import type { Db } from "#db/connection.ts";

/** Before there was anything of ours. */
const beginning = new Date("2026-01-01T00:00:00Z");
/** What stands for never, and is no moment. */
const never: ReadonlySet<string> = new Set(["rolled_up.until"]);

interface Column {
  readonly table: string;
  readonly column: string;
}

async function readColumns(db: Db): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select relname as "table", attname as "column" from pg_class
    join pg_attribute on attrelid = pg_class.oid and atttypid = 'timestamptz'::regtype and attnum > 0 and not attisdropped
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1, 2`.execute(db);
  return rows.filter(({ table, column }) => !never.has(`${table}.${column}`));
}

/** 19. No moment is told that lies before the world began. */
export async function momentsBefore(db: Db): Promise<string[]> {
  const early = (await readColumns(db)).map(
    ({ table, column }) => sql`
      (select ${`${table}.${column}`}::text as name, ${sql.ref(column)} as at from ${sql.table(table)}
      where ${sql.ref(column)} < ${beginning} limit 1)`,
  );
  const { rows } = await sql<{ name: string; at: Date }>`${sql.join(early, sql` union all `)}`.execute(db);
  return rows.map(({ name, at }) => `19: ${name} is ${at.toISOString()}, when there was nothing of ours`);
}
