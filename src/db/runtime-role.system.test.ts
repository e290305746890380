import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { migrateDatabase } from "#main/migrate-database.ts";
import { createTestDatabase } from "#test/database.ts";

const forbidden = [
  "copy (select 1) to program 'true'",
  "copy (select 1) to '/tmp/of-arcadia'",
  "select pg_read_file('/etc/passwd')",
  "select pg_ls_dir('/')",
  "select lo_import('/etc/passwd')",
  "select * from pg_authid",
  "load '/tmp/anything.so'",
  "alter system set fsync = off",
  "set session_replication_role = replica",
  "set role arcadia",
  "alter role arcadia_runtime superuser",
  "grant pg_execute_server_program to arcadia_runtime",
  "create role somebody",
  "create database another",
  "create schema another",
  "create extension pg_trgm",
  "create table another ()",
  "create function another() returns int language sql as 'select 1'",
  "update audit_log set subject = ''",
  "delete from audit_log",
  "truncate audit_log",
  "alter table audit_log disable trigger all",
  "drop trigger audit_log_is_append_only on audit_log",
  "alter table audit_log owner to arcadia_runtime",
  "create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$",
  "drop table tenants",
  "insert into schema_migrations values (1, 'a', 'b')",
  // As the owner, pg-boss runs what it finds there.
  "insert into pgboss.bam (name, version, status, table_name, command) values ('a', 1, 'pending', 'job', 'select 1')",
  "update pgboss.queue set table_name = 'another; select 1'",
  "update pgboss.version set version = 1",
];

test("the role that servers run as reads and writes rows, and can do nothing else", async () => {
  await using database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.runtimeUrl });
  await client.connect();
  try {
    for (const statement of forbidden) {
      const outcome = await client.query(statement).then(
        () => "was done",
        (error: pg.DatabaseError) => error.code,
      );
      expect([statement, outcome]).toEqual([statement, expect.stringMatching(/^(42501|23514)$/)]);
    }
    const { rows } = await client.query(
      `select rolname as role, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
        (select count(*)::int from pg_auth_members where member = pg_roles.oid) as groups,
        (select count(*)::int from pg_class where relowner = pg_roles.oid) as owns
        from pg_roles where rolname = current_user`,
    );
    expect(rows).toEqual([
      {
        role: "arcadia_runtime",
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolbypassrls: false,
        groups: 0,
        owns: 0,
      },
    ]);
  } finally {
    await client.end();
  }
});

test("an owner who is no superuser migrates a database of one's own, and makes the other role", async () => {
  await using database = await createTestDatabase();
  const name = `owner_${randomBytes(4).toString("hex")}`;
  const as = (user: string, path: string) =>
    Object.assign(new URL(database.url), { username: user, password: `word of ${user}`, pathname: path }).href;
  const [owner, runtime] = [as(name, `/${name}`), as(`${name}_runs`, `/${name}`)];
  await database.pool.query(`create role ${name} login createrole password 'word of ${name}'`);
  await database.pool.query(`create database ${name} owner ${name}`);
  try {
    const first = await migrateDatabase(owner, runtime);
    expect(first.applied.length).toBeGreaterThan(0);
    expect(await migrateDatabase(owner, runtime)).toEqual({ applied: [] });
    const client = new pg.Client({ connectionString: runtime });
    await client.connect();
    await client.query("insert into installation (id, created_at) values (gen_random_uuid(), now())");
    await expect(client.query("delete from audit_log")).rejects.toThrow("permission denied");
    await client.end();
  } finally {
    await database.pool.query(`drop database ${name} with (force)`);
    await database.pool.query(`drop role if exists ${name}_runs; drop role ${name}`);
  }
});
