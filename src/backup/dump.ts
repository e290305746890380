import { createHash } from "node:crypto";
import pg from "pg";
import type { Line, Manifest } from "./format.ts";
import { columnsOf, type Query, quoted, sessionSettings, tablesOf } from "./tables.ts";

export interface DumpOptions {
  readonly url: string;
  readonly release: string;
  readonly takenAt: Date;
  /** Read after the database: what it names is at least as old as what they hold. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  readonly onEnd: (counts: { tables: number; rows: number }) => void;
}

const rowsAtOnce = 500;

/** The whole database as it was at one instant, line by line, while others go on writing to it. */
export async function* dump(options: DumpOptions): AsyncGenerator<string> {
  const hash = createHash("sha256");
  for await (const value of contents(options)) {
    const text = `${JSON.stringify(value)}\n`;
    if (typeof value !== "object" || !("end" in value)) hash.update(text);
    yield typeof value === "object" && "end" in value
      ? `${JSON.stringify({ ...value, sha256: hash.digest("hex") })}\n`
      : text;
  }
}

async function* contents(options: DumpOptions): AsyncGenerator<Manifest | Line> {
  const client = new pg.Client({ connectionString: options.url, application_name: "backup of arcadia" });
  const query: Query = async (text, values) => (await client.query(text, values)).rows;
  await client.connect();
  try {
    await query("begin isolation level repeatable read read only");
    for (const setting of sessionSettings) await query(`set local ${setting}`);
    const migrations = await query<Manifest["migrations"][number]>(
      "select version, name, checksum from schema_migrations order by version",
    );
    yield {
      format: "arcadia-backup",
      version: 1,
      release: options.release,
      taken_at: options.takenAt.toISOString(),
      migrations,
    };
    const tables = await tablesOf(query);
    let rows = 0;
    for (const table of tables) {
      yield { table, columns: await columnsOf(query, table) };
      const name = quoted(table);
      await query(`declare backup_rows no scroll cursor for select whole_row::text as row from ${name} whole_row`);
      for (;;) {
        const fetched = await query<{ row: string }>(`fetch ${rowsAtOnce} from backup_rows`);
        for (const { row } of fetched) yield row;
        rows += fetched.length;
        if (fetched.length < rowsAtOnce) break;
      }
      await query("close backup_rows");
    }
    await query("commit");
    for (const [file, content] of await options.files()) yield { file, content };
    yield { end: true, rows, sha256: "" };
    options.onEnd({ tables: tables.length, rows });
  } finally {
    await client.end();
  }
}
