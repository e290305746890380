import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Migration {
  readonly version: number;
  /** The file's name without `.sql`, e.g. `0001_core`. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export const migrationsDirectory: string = fileURLToPath(new URL("../../migrations/", import.meta.url));

/** The files `NNNN_name.sql` of a directory, in order. Anything else there is left alone. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => /^\d{4}_[\w-]+\.sql$/.test(file)).toSorted();
  const migrations = await Promise.all(files.map((file) => readMigration(directory, file)));
  for (const [index, migration] of migrations.entries()) {
    if (migration.version === migrations[index - 1]?.version) {
      throw new Error(`Two migrations carry one number: ${migrations[index - 1]?.name} and ${migration.name}.`);
    }
  }
  return migrations;
}

async function readMigration(directory: string, file: string): Promise<Migration> {
  const sql = await readFile(join(directory, file), "utf8");
  return {
    version: Number(file.slice(0, 4)),
    name: file.slice(0, -".sql".length),
    sql,
    // A checkout that turns line ends into CRLF holds the same migration.
    checksum: createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex"),
  };
}
