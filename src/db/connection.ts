import { Kysely, PostgresDialect, type PostgresPoolClient, type Transaction } from "kysely";
import pg from "pg";
import { systemClock } from "#clock.ts";
import type { Log } from "#log.ts";
import { acquireFrom, DatabaseBusy } from "./acquire.ts";
import { pooledClient } from "./pooled-client.ts";
import { preparing } from "./prepared.ts";
import type { DB } from "./schema.ts";
import { type Session, settle } from "./session.ts";
import { breakSilent, breaksSilent, onSilence } from "./silence.ts";

/** Every table of ours; generated from the migrated database. Names are snake_case, as in SQL. */
export type Schema = DB;
export type Db = Kysely<Schema>;
export type Tx = Transaction<Schema>;

/** Runs one statement, or several in one text, by themselves. */
export interface Statements {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
}

export interface Database {
  readonly db: Db;
  /** As `db`, for those who bring their own SQL. */
  readonly statements: Statements;
  readonly pool: pg.Pool;
  /** Whether a pooler is in between, as far as a connection has shown it. */
  isPooled(): boolean;
  /** Waits for the queries that run, then closes every connection. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly log: Log;
  /** The most connections. Default 10. */
  readonly max?: number;
  /** How long to wait for a connection, in milliseconds. Default 20,000: many sagas share few, and take turns. */
  readonly waitMs?: number;
  /** How long the server may be silent on a connection in use until it is broken. Default: longer than a statement may take. */
  readonly silentMs?: number;
  readonly applicationName?: string;
  /** Hears of each new connection before it is used, and may keep it waiting. */
  readonly met?: ((client: pg.ClientBase) => Promise<void>) | undefined;
}

/** int8 and numeric arrive as numbers: nothing we count or bill comes near 2^53. */
const asNumber = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

/** How values of the database become ours. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (asNumber.has(oid) ? Number : pg.types.getTypeParser(oid, format)),
};

/** A frozen process must not hold a saga's row for longer than its lease. */
const patience = { statementMs: 60_000, idleInTransactionMs: 10_000 };
/** By then the server itself has ended whatever it was asked. */
const longestSilenceMs = patience.statementMs + 5000;

/**
 * A pool of connections to `url`, each set to what we rely on; the first is opened by the first query.
 * A connection that breaks while idle is logged and replaced, so the process outlives a database restart.
 */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const { log, max = 10, waitMs = 20_000, silentMs = longestSilenceMs, applicationName = "arcadia" } = options;
  const sessions = new WeakMap<pg.ClientBase, Session>();
  let isPooled = false;
  const prepare = async (client: pg.ClientBase): Promise<void> => {
    const done = new AbortController();
    // A pooler accepts at once, and lets the first statement wait for a server process.
    const late = systemClock.sleep(waitMs, done.signal).then(() => {
      breakSilent(client, waitMs);
      throw new DatabaseBusy(`A new database connection was not usable within ${waitMs / 1000} s`);
    });
    late.catch(() => undefined);
    const session = await Promise.race([settle(client, patience), late]).finally(() => done.abort());
    sessions.set(client, session);
    onSilence(client, silentMs, () => breakSilent(client, silentMs));
    isPooled = session.pooled;
    await options.met?.(client);
  };
  const pool = new pg.Pool({
    connectionString: url,
    // One stays: where others take what room there is, another might not be had.
    min: 1,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: waitMs,
    // Longer than the minute of the chores: else all but one would be opened anew for each.
    idleTimeoutMillis: 90_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: columnTypes,
    // Whoever does not wait for an answer has its next statement sent all the same: see prepared.ts.
    pipeline: true,
    // The pool waits for it, whatever its types say, before it gives the connection out.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: prepare,
  });
  // One that breaks while it is in use fails its query as well; unheard, its error event would end the process.
  pool.on("connect", (client) => {
    client.on("error", (error) => {
      log.warn({ err: error }, "A database connection broke; the work on it is taken up again");
    });
  });
  pool.on("error", (error) => {
    log.warn({ err: error }, "An idle database connection broke; the next query opens another");
  });
  breaksSilent(pool, silentMs);
  const acquire = acquireFrom(pool, { waitMs, clock: systemClock });
  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await acquire();
    const session = sessions.get(client);
    return session?.pooled ? pooledClient(client, session.local) : preparing(client);
  };
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
  });
  return {
    db,
    pool,
    isPooled: () => isPooled,
    statements: {
      async query<Row>(text: string, values: unknown[] = []) {
        const client = await connect();
        try {
          return await client.query<Row>(text, values);
        } finally {
          client.release();
        }
      },
    },
    async close() {
      await db.destroy();
      // Kysely ends the pool only if it has run a query itself.
      if (!pool.ended) await pool.end();
    },
  };
}
