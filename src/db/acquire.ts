import pg from "pg";
import { after, type Clock } from "#clock.ts";

/** All connections were in use for as long as could be waited, here or in the whole database. */
export class DatabaseBusy extends Error {
  override readonly name = "DatabaseBusy";
  readonly code = "database_busy";
}

/** Until the server is asked again for a connection that it had no room for. Milliseconds. */
const pauseMs = 100;

/** Of this process. Where the server has no room for another connection, one may have what another one does not use. */
const pools = new Set<pg.Pool>();

/** Has another pool give up a connection that nobody uses there. */
async function makeRoom(pool: pg.Pool): Promise<void> {
  const other = [...pools].find((it) => it !== pool && !it.ending && it.idleCount > 0);
  const client = await other?.connect();
  client?.release(true);
}

/**
 * Gives out connections of the pool. While the server has no room for another one, those that the pool has are waited
 * for, and those that this process has and does not use are given up.
 * @throws {DatabaseBusy} after `waitMs` milliseconds
 */
export function acquireFrom(
  pool: pg.Pool,
  { waitMs, clock }: { readonly waitMs: number; readonly clock: Clock },
): () => Promise<pg.PoolClient> {
  for (const ended of [...pools].filter((it) => it.ending)) pools.delete(ended);
  pools.add(pool);
  return async () => {
    const until = after(clock.now(), waitMs);
    for (;;) {
      try {
        return await pool.connect();
      } catch (cause) {
        if (isWaitOver(cause)) throw busy(pool, waitMs, cause);
        if (!lacksRoom(cause) || pool.ending) throw cause;
        if (clock.now() >= until) throw busy(pool, waitMs, cause);
        // What that one fails for, whoever needs it next will be told.
        await makeRoom(pool).catch(() => undefined);
        await clock.sleep(pauseMs);
      }
    }
  };
}

const busy = ({ options }: pg.Pool, waitMs: number, cause: unknown): DatabaseBusy =>
  new DatabaseBusy(
    lacksRoom(cause)
      ? `The database had no room for another connection for ${waitMs / 1000} s`
      : `All ${options.max} database connections were in use for ${waitMs / 1000} s`,
    { cause },
  );

/** pg's pool has no code for it: nobody gave a connection back in time. */
const isWaitOver = (error: unknown): boolean =>
  error instanceof Error && error.message === "timeout exceeded when trying to connect";

/** The server, the role or the database has as many connections as it may: 53300, too_many_connections. */
const lacksRoom = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === "53300";
