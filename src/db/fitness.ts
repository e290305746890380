import type { Statements } from "./connection.ts";

/** The database answers, and cannot be used as it is. The message is a clause that says why, and what to do. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

interface Found {
  version: string;
  is_old: boolean;
  encoding: string;
  is_standby: boolean;
  is_read_only: boolean;
  role: string;
  database: string;
  schema: string | null;
  makes_tables: boolean;
  makes_schemas: boolean;
  closed: string[];
}

const look = `select current_setting('server_version') as version,
  current_setting('server_version_num')::int < 150000 as is_old,
  current_setting('server_encoding') as encoding,
  pg_is_in_recovery() as is_standby,
  current_setting('transaction_read_only')::boolean as is_read_only,
  current_user::text as role, current_database()::text as database, current_schema()::text as schema,
  coalesce(has_schema_privilege(current_schema(), 'CREATE') and has_schema_privilege(current_schema(), 'USAGE'), false) as makes_tables,
  has_database_privilege(current_database(), 'CREATE')
    or exists (select from pg_namespace where nspname = 'pgboss') as makes_schemas,
  array(
    select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in (current_schema(), 'pgboss') and relkind in ('r', 'p', 'v')
      and not (has_schema_privilege(nspname, 'USAGE') and has_table_privilege(pg_class.oid, 'SELECT')
        and (relkind = 'v' or relname in ('schema_migrations', 'bam', 'version') or has_table_privilege(pg_class.oid, 'INSERT')
          and (relname = 'audit_log' or has_table_privilege(pg_class.oid, 'UPDATE')
            and has_table_privilege(pg_class.oid, 'DELETE'))))
    order by 1) as closed`;

/**
 * Refuses a database that we cannot work on, whatever is set on the connection.
 * @param purpose whether tables are to be made, or only used
 * @throws {Unfit}
 */
export async function assertFit(statements: Statements, purpose: "migrate" | "use"): Promise<void> {
  const { rows } = await statements.query<Found & Record<string, unknown>>(look);
  const why = rows[0] && (objection(rows[0]) ?? (purpose === "migrate" ? cannotMake(rows[0]) : cannotUse(rows[0])));
  if (why) throw new Unfit(why);
}

function objection({ version, is_old, encoding, is_standby, is_read_only }: Found): string | undefined {
  if (is_old) return `it is PostgreSQL ${version}, and 15 or newer is needed`;
  if (encoding !== "UTF8")
    return `its encoding is ${encoding}, which cannot hold every text; make it with ENCODING 'UTF8' TEMPLATE template0`;
  if (is_standby) return "it is a standby, which takes no changes; name the primary";
  if (is_read_only)
    return "it is set read-only (default_transaction_read_only); see why, for its disk may be full, and set it off";
  return undefined;
}

function cannotMake({ role, database, schema, makes_tables, makes_schemas }: Found): string | undefined {
  if (schema === null) return "it has no schema to make tables in; create one, and name it in the role's search_path";
  if (!makes_tables)
    return `role ${role} may not make tables in schema ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}`;
  if (!makes_schemas)
    return `role ${role} may not make the queue's schema; GRANT CREATE ON DATABASE ${database} TO ${role}`;
  return undefined;
}

const cannotUse = ({ role, closed }: Found): string | undefined =>
  closed.length === 0
    ? undefined
    : `role ${role} may not read and change ${closed.slice(0, 3).join(", ")}${closed.length > 3 ? " and others" : ""}; ` +
      "GRANT it what the owner of the tables may do with them";
