import { sql } from "kysely";
import type { Db } from "./connection.ts";

/** The database answers and takes no changes: a standby, or one that somebody has set read-only. */
export class DatabaseReadOnly extends Error {
  override readonly name = "DatabaseReadOnly";
}

/** @throws {DatabaseReadOnly} */
export async function assertTakesChanges(db: Db): Promise<void> {
  const { rows } = await sql<{ is: boolean }>`select current_setting('transaction_read_only')::boolean as is`.execute(
    db,
  );
  if (rows[0]?.is) throw new DatabaseReadOnly("The database is read-only");
}
