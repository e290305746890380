import { createHash } from "node:crypto";
import type pg from "pg";
import { BackupError, type Line, longestLine, type Manifest } from "./format.ts";
import { columnsOf, type Query, quoted, tablesOf } from "./tables.ts";

export interface DumpOptions {
  /** A connection of its own without time-outs, and what sets a transaction's settings. It is ended with the dump. */
  readonly connect: () => Promise<{ readonly client: pg.Client; readonly local: string }>;
  readonly release: string;
  readonly takenAt: Date;
  /** Read after the database: what it names is at least as old as what they hold. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  /** What proves later who made it, of its checksum. */
  readonly sign: ((sha256: string) => string) | undefined;
  readonly onEnd: (counts: { tables: number; rows: number }) => void;
}

const rowsAtOnce = 500;

/** The whole database as it was at one instant, as text in pieces, while others go on writing to it. */
export async function* dump(options: DumpOptions): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let rows = 0;
  let tables = 0;
  for await (const lines of contents(options)) {
    const text = lines.map(lineOf).join("");
    hash.update(text);
    yield text;
    for (const value of lines)
      if (typeof value === "string") rows += 1;
      else if ("table" in value) tables += 1;
  }
  const sha256 = hash.digest("hex");
  yield lineOf({ end: true, rows, sha256, hmac: options.sign?.(sha256) });
  options.onEnd({ tables, rows });
}

/** What a restore would not read back is refused now. */
function lineOf(value: Manifest | Line): string {
  const text = `${JSON.stringify(value)}\n`;
  if (Buffer.byteLength(text) <= longestLine) return text;
  throw new BackupError(`A row has more than ${longestLine} bytes as text, which no restore would take`);
}

async function* contents(options: DumpOptions): AsyncGenerator<(Manifest | Line)[]> {
  const { client, local } = await options.connect();
  const query: Query = async (text, values) => (await client.query(text, values)).rows;
  try {
    await query(`begin isolation level repeatable read read only; ${local}`);
    const migrations = await query<Manifest["migrations"][number]>(
      "select version, name, checksum from schema_migrations order by version",
    );
    const taken_at = options.takenAt.toISOString();
    yield [{ format: "arcadia-backup", version: 2, release: options.release, taken_at, migrations }];
    for (const table of await tablesOf(query)) {
      yield [{ table, columns: await columnsOf(query, table) }];
      const name = quoted(table);
      await query(`declare backup_rows no scroll cursor for select whole_row::text as row from ${name} whole_row`);
      for (;;) {
        const fetched = await query<{ row: string }>(`fetch ${rowsAtOnce} from backup_rows`);
        yield fetched.map(({ row }) => row);
        if (fetched.length < rowsAtOnce) break;
      }
      await query("close backup_rows");
    }
    await query("commit");
    for (const [file, content] of await options.files()) yield [{ file, content }];
  } finally {
    await client.end();
  }
}
