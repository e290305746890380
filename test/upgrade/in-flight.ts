import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { z } from "zod";
import { migrationsDirectory } from "#db/migration-files.ts";
import { migrate } from "#db/migrate.ts";
import { migrateDatabase } from "#main/migrate-database.ts";

const shape = z.object({
  at: z.iso.datetime(),
  /** The files of migrations/ that there were. */
  migrations: z.array(z.string()),
  /** By the saga's id: where it stood still when the worker was killed. */
  stops: z.record(
    z.string(),
    z.object({
      saga: z.string(),
      step: z.string(),
      back: z.boolean(),
      when: z.enum(["before", "after", "waiting"]),
    }),
  ),
  tables: z.record(z.string(), z.object({ columns: z.array(z.string()), rows: z.array(z.string()) })),
  /** As the simulator saves it. */
  account: z.unknown(),
});
export type InFlight = Readonly<z.output<typeof shape>>;

/** What a release has left in flight; see README.md. */
export async function readInFlight(commit: string): Promise<InFlight> {
  const file = new URL(`in-flight-${commit}.json.gz`, import.meta.url);
  return shape.parse(JSON.parse(gunzipSync(await readFile(file)).toString()));
}

/** Brings the database to where the release left it, and then to today. */
export async function upgradeFrom(left: InFlight, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("drop schema public cascade; create schema public");
    await migrateAsThen(left, url);
    await client.query("set session_replication_role = replica");
    for (const [table, { columns, rows }] of Object.entries(left.tables)) {
      const names = columns.map((column) => pg.escapeIdentifier(column)).join(", ");
      const values = columns.map((column) => `(it::${table}).${pg.escapeIdentifier(column)}`).join(", ");
      await client.query(`delete from ${table}`);
      await client.query(`insert into ${table} (${names}) select ${values} from unnest($1::text[]) it`, [rows]);
    }
  } finally {
    await client.end();
  }
  await migrateDatabase(url);
}

async function migrateAsThen({ migrations }: InFlight, url: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-migrations-"));
  for (const file of migrations) await cp(join(migrationsDirectory, file), join(directory, file));
  await migrate(url, directory);
  await rm(directory, { recursive: true });
}
