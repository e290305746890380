import { migrate } from "#db/migrate.ts";

/** Brings a database up to this release. Returns the names of the migrations applied now. */
export async function migrateDatabase(url: string): Promise<{ applied: string[] }> {
  return migrate(url);
}
