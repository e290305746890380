import pg from "pg";
import { type Patience, settingNames, toBeSet } from "./settings.ts";

/** A connection that is set to what we rely on. */
export interface Session {
  /**
   * A pooler is in between, and each transaction may be another server process's: what is set on the connection does not
   * last, so each transaction begins with `local`.
   */
  readonly pooled: boolean;
  /** `set local …; …`: sets all for one transaction. */
  readonly local: string;
}

interface Met {
  pid: number;
  schema: string;
  current: Record<string, string | null>;
}

/** Ends none of the statements by which the time-outs are set. */
const bare = `begin isolation level read committed;
  select set_config(name, '0', true) from (values ('statement_timeout'), ('lock_timeout'), ('transaction_timeout'),
    ('idle_in_transaction_session_timeout')) as it (name) where current_setting(name, true) is not null`;

/**
 * Our tables are where our list of migrations is, however the search path is set; without one, where tables would be
 * made. Of a list that another program made, nothing has a checksum.
 */
const meet = `select pg_backend_pid() as pid,
  coalesce(
    (select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where relname = 'schema_migrations' and relkind = 'r'
        and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'checksum')
      order by array_position(current_schemas(false), nspname), nspname limit 1),
    current_schema(), 'public')::text as schema,
  (select jsonb_object_agg(name, current_setting(name, true)) from unnest($1::text[]) as it (name)) as current`;

/**
 * Sets a new connection to what we rely on: afterwards, because poolers refuse most of it as startup parameters.
 * A pooler shows by the number of the server process: what it gave at the start is of its own making.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html (BackendKeyData)
 */
export async function settle(client: pg.ClientBase, patience: Patience): Promise<Session> {
  await client.query(bare);
  const { rows } = await client.query<Met>(meet, [settingNames]);
  const [met] = rows;
  if (!met) throw new Error("PostgreSQL tells nothing of its settings");
  const set = (scope: "local" | "session"): string =>
    [
      `set ${scope} search_path = ${pg.escapeIdentifier(met.schema)}, pg_temp`,
      ...toBeSet(met.current, patience).map(([name, value]) => `set ${scope} ${name} = '${value}'`),
    ].join("; ");
  const pooled = !("processID" in client && client.processID === met.pid);
  await client.query(pooled ? "commit" : `${set("session")}; commit`);
  return { pooled, local: set("local") };
}
