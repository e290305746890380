import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import type { Log } from "#log.ts";
import type { DB } from "./schema.ts";

/** Every table of ours; generated from the migrated database. Names are snake_case, as in SQL. */
export type Schema = DB;
export type Db = Kysely<Schema>;
export type Tx = Transaction<Schema>;

export interface Database {
  readonly db: Db;
  readonly pool: pg.Pool;
  /** Waits for the queries that run, then closes every connection. */
  close(): Promise<void>;
}

/** int8 and numeric arrive as numbers: nothing we count or bill comes near 2^53. */
const asNumber = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

/** How values of the database become ours. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (asNumber.has(oid) ? Number : pg.types.getTypeParser(oid, format)),
};

/**
 * A pool of at most `max` connections (default 10) to `url`; the first is opened by the first query.
 * A connection that breaks while idle is logged and replaced, so the process outlives a database restart.
 */
export function openDatabase(url: string, options: { log: Log; max?: number; applicationName?: string }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? "arcadia",
    // Also the wait for a connection of the pool: many sagas share few, and take turns.
    connectionTimeoutMillis: 20_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    // A frozen process must not hold a saga's row for longer than its lease.
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: columnTypes,
  });
  // One that breaks while it is in use fails its query as well; unheard, its error event would end the process.
  pool.on("connect", (client) => {
    client.on("error", (error) => {
      options.log.warn({ err: error }, "A database connection broke; the work on it is taken up again");
    });
  });
  pool.on("error", (error) => {
    options.log.warn({ err: error }, "An idle database connection broke; the next query opens another");
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await db.destroy();
    // Kysely ends the pool only if it has run a query itself.
    if (!pool.ended) await pool.end();
  };
  return { db, pool, close };
}
