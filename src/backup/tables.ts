import pg from "pg";

/** Runs one statement. @returns its rows */
export type Query = <Row>(text: string, values?: unknown[]) => Promise<Row[]>;

export const quoted = (name: string): string => pg.escapeIdentifier(name);

/** Every table of ours but the list of migrations, which a restore makes itself, and the lives of the cluster it was in. */
export async function tablesOf(query: Query): Promise<string[]> {
  const rows = await query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = current_schema() and tablename not in ('schema_migrations', 'database_lives') order by 1",
  );
  return rows.map((row) => row.tablename);
}

/** In the order in which PostgreSQL writes a row of the table. */
export async function columnsOf(query: Query, table: string): Promise<string[]> {
  const rows = await query<{ attname: string }>(
    `select attname::text from pg_attribute
      where attrelid = format('%I', $1::text)::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map((row) => row.attname);
}

/** Rows of these are there in a database that nobody has used yet: migrations write them. */
const seeded = ["provider", "request_budget"];

/** The tables that hold something. */
export async function usedTables(query: Query): Promise<string[]> {
  const used: string[] = [];
  for (const table of await tablesOf(query)) {
    if (seeded.includes(table)) continue;
    const name = quoted(table);
    const rows = await query<{ used: boolean }>(`select exists (select from ${name}) as used`);
    if (rows[0]?.used) used.push(table);
  }
  return used;
}

/** Needs the foreign keys gone, and the triggers silent. */
export async function emptyTables(query: Query): Promise<void> {
  const tables = await tablesOf(query);
  await query(`truncate ${tables.map(quoted).join(", ")}`);
}

/** Takes the foreign keys away, so that tables can be filled in any order. @returns what puts them back, checked */
export async function dropForeignKeys(query: Query): Promise<() => Promise<void>> {
  const rows = await query<{ owner: string; name: string; definition: string }>(
    `select conrelid::regclass::text as owner, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace order by conname`,
  );
  for (const { owner, name } of rows) await query(`alter table ${owner} drop constraint ${name}`);
  return async () => {
    for (const { owner, name, definition } of rows)
      await query(`alter table ${owner} add constraint ${name} ${definition}`);
  };
}

/** Keeps what is put back from being taken for news, which triggers would pass on. @returns what lets them again */
export async function silenceTriggers(query: Query): Promise<() => Promise<void>> {
  const rows = await query<{ owner: string; name: string; always: boolean }>(
    `select tgrelid::regclass::text as owner, quote_ident(tgname) as name, tgenabled = 'A' as always
      from pg_trigger join pg_class on pg_class.oid = tgrelid
      where relnamespace = current_schema()::regnamespace and not tgisinternal and tgenabled <> 'D' order by 1, 2`,
  );
  for (const { owner, name } of rows) await query(`alter table ${owner} disable trigger ${name}`);
  return async () => {
    for (const { owner, name, always } of rows)
      await query(`alter table ${owner} enable ${always ? "always " : ""}trigger ${name}`);
  };
}
