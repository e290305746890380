import pg from "pg";
import { connecting } from "./unusable.ts";

/** Any number will do as long as it stays: two that grant at once would trip over each other. */
const lockKey = 8_246_713_906;

/**
 * Lets the role of `runtimeUrl` do with the tables of a migrated database what servers and workers do, and nothing
 * else: it owns none of them, so it can neither change nor drop one, nor silence a trigger. The audit log it can only
 * add to. A role that is not there yet is made, with the password of its URL. Does nothing when both are one role.
 * @param ownerUrl of the role that migrated the database; to make a role it needs CREATEROLE
 * @throws {DatabaseUnusable} when there is no connection
 */
export async function admitRuntime(ownerUrl: string, runtimeUrl: string): Promise<void> {
  const { username, password } = new URL(runtimeUrl);
  const name = decodeURIComponent(username);
  const client = await connecting(ownerUrl, async () => {
    const owner = new pg.Client({ connectionString: ownerUrl, application_name: "arcadia migrate" });
    await owner.connect();
    return owner;
  });
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [lockKey]);
    const { rows } = await client.query<{ same: boolean; known: boolean }>(
      "select current_user = $1 as same, exists (select from pg_roles where rolname = $1) as known",
      [name],
    );
    if (!rows[0]?.same) {
      const role = client.escapeIdentifier(name);
      if (!rows[0]?.known)
        await client.query(`create role ${role} login password ${client.escapeLiteral(decodeURIComponent(password))}`);
      for (const statement of await grants(client, role)) await client.query(statement);
    }
    await client.query("commit");
  } catch (cause) {
    throw new Error(`The role ${name} of DATABASE_URL could not be given its rights; it has those it had`, { cause });
  } finally {
    await client.end();
  }
}

async function grants(client: pg.Client, role: string): Promise<string[]> {
  const { rows } = await client.query<{ database: string; columns: string }>(
    `select quote_ident(current_database()) as database, string_agg(quote_ident(attname), ', ') as columns
      from pg_attribute
      where attrelid = 'pgboss.version'::regclass and attnum > 0 and not attisdropped and attname <> 'version'`,
  );
  const [found] = rows;
  const schemas = "schema public, pgboss";
  return [
    `grant connect on database ${found?.database} to ${role}`,
    `revoke all on ${schemas} from ${role}`,
    `grant usage on ${schemas} to ${role}`,
    `revoke all on all tables in ${schemas} from ${role}`,
    `grant select, insert, update, delete on all tables in ${schemas} to ${role}`,
    `grant usage, select on all sequences in ${schemas} to ${role}`,
    `revoke update, delete on public.audit_log from ${role}`,
    `revoke insert, update, delete on public.schema_migrations, pgboss.bam, pgboss.version from ${role}`,
    `grant update (${found?.columns}) on pgboss.version to ${role}`,
    ...onlyTheCommonTable,
  ];
}

/**
 * When pg-boss migrates, it puts the tables that its queues name into statements, as text, and runs them as the owner:
 * who may write those names could do as the owner what they like. Ours all use one table.
 */
const onlyTheCommonTable = [
  "alter table pgboss.queue drop constraint if exists arcadia_common_table",
  `alter table pgboss.queue add constraint arcadia_common_table check (table_name = 'job_common' and not partition)`,
];
