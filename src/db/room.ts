import type { Log } from "#log.ts";
import type { Database } from "./connection.ts";

/**
 * How many connections our role may have here, and how many are taken in this database.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
const look = `select
  case when rolsuper then current_setting('max_connections')::int
    else least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      nullif(rolconnlimit, -1), nullif(datconnlimit, -1))
  end as room,
  (select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()) as taken
  from pg_roles, pg_database where rolname = session_user and datname = current_database()`;

/**
 * Warns when the database has not enough room for the connections that this process may open. Behind a pooler it is the
 * pooler that knows.
 */
export async function warnOfRoom({ statements, isPooled }: Database, wanted: number, log: Log): Promise<void> {
  const { rows } = await statements.query<{ room: number; taken: number }>(look);
  const [{ room, taken } = { room: wanted, taken: 0 }] = rows;
  if (isPooled() || wanted + taken <= room) return;
  log.warn(
    { wanted, room, taken },
    `This process may open ${wanted} connections to the database, which has room for ${room}, of which ${taken} are taken. ` +
      "Work will wait for connections: lower ARCADIA_API_CONNECTIONS and ARCADIA_WORKER_CONNECTIONS, or give it more",
  );
}
