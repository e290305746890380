import { BackupError, type Manifest } from "./format.ts";
import { linesOf } from "./read.ts";
import { columnsOf, dropForeignKeys, emptyTables, type Query, quoted, silenceTriggers, tablesOf } from "./tables.ts";

const charactersAtOnce = 1_000_000;

/**
 * Empties the tables and fills them, in the caller's transaction, and checks every foreign key afterwards.
 * @param sha256 of the file at `path` when it was proven
 * @throws {BackupError} when a table is not the one that was backed up, or none of ours, or the file is another by now
 */
export async function load(query: Query, path: string, sha256: string): Promise<void> {
  // Neither a long pause nor a long statement ends the work.
  await query("set local statement_timeout = 0");
  await query("set local idle_in_transaction_session_timeout = 0");
  const putForeignKeysBack = await dropForeignKeys(query);
  const letTriggersSpeak = await silenceTriggers(query);
  await emptyTables(query);
  // The owner may write to the system's catalogues as well, where roles, functions and triggers are rows.
  const ours = new Set(await tablesOf(query));
  let table = "";
  let rows: string[] = [];
  let size = 0;
  const write = async () => {
    if (rows.length > 0) await insert(query, table, rows);
    rows = [];
    size = 0;
  };
  for await (const line of linesOf(path, sha256)) {
    if (typeof line === "string") {
      if (table === "") throw new BackupError(`${path} holds a row before any table; nothing was changed`);
      rows.push(line);
      size += line.length;
      if (size >= charactersAtOnce) await write();
      continue;
    }
    await write();
    if (!("table" in line)) continue;
    table = line.table;
    if (!ours.has(table))
      throw new BackupError(`${path} holds rows of ${table}, which is no table of ours; nothing was changed`);
    const here = await columnsOf(query, table);
    if (here.join() !== line.columns.join())
      throw new BackupError(`Table ${table} has other columns here than in ${path}; nothing was changed`);
  }
  await write();
  await putForeignKeysBack();
  await letTriggersSpeak();
}

async function insert(query: Query, table: string, rows: string[]): Promise<void> {
  const name = quoted(table);
  await query(`insert into ${name} select * from unnest($1::${name}[])`, [rows]);
}

/** @throws {BackupError} unless the database is at the schema that was backed up */
export async function refuseOtherSchema(query: Query, { migrations, release }: Manifest): Promise<void> {
  const rows = await query<{ name: string; checksum: string }>(
    "select name, checksum from schema_migrations order by version",
  );
  const [there, here] = [migrations, rows].map((list) => list.map((it) => `${it.name} ${it.checksum}`).join());
  if (there === here) return;
  throw new BackupError(
    `The backup is of release ${release}, whose schema ends with ${migrations.at(-1)?.name}; this release's ends with ` +
      `${rows.at(-1)?.name}. Nothing was changed. Restore it with the release that made it, then upgrade`,
  );
}
