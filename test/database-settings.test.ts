import pg from "pg";
import { describe, expect, inject, test, vi } from "vitest";
import { migrateDatabase } from "#main/migrate-database.ts";
import { DatabaseUnusable } from "#db/unusable.ts";
import { administer, cloneDatabase, dropDatabase } from "./test-server.ts";
import { exercise, provision, serveOn } from "./served.ts";
import { partsOf, settingsToTry, type Try } from "./settings-to-try.ts";

vi.setConfig({ testTimeout: 300_000 });

const server = inject("testServer");
let count = 0;

/** A database of its own, dropped at the end. */
async function withDatabase(made: "migrated" | "empty", work: (url: string, name: string) => Promise<void>) {
  const name = `settings_${process.pid}_${(count += 1)}`;
  if (made === "empty") await administer(server, `create database ${name}`);
  const url =
    made === "empty"
      ? Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href
      : await cloneDatabase(server, name);
  try {
    await work(url, name);
  } finally {
    await dropDatabase(server, name);
  }
}

const setOn = (name: string, { setting, value }: Try): Promise<void> =>
  administer(server, `alter database ${name} set ${pg.escapeIdentifier(setting)} = ${value}`);

/** Everything works on a database that is set so. */
const worksWith = (settings: readonly Try[], made: "migrated" | "empty" = "migrated"): Promise<void> =>
  withDatabase(made, async (url, name) => {
    for (const each of settings) await setOn(name, each);
    if (made === "empty") await migrateDatabase(url);
    await using served = await serveOn(url);
    await exercise(served);
    const complaints = served.logged.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
    expect(complaints).toEqual([]);
  });

const { tries, refused } = await settingsToTry(server);

test("nearly every setting that a database may have is tried", () => {
  console.log(`${tries.length} values of ${new Set(tries.map(({ setting }) => setting)).size} settings are tried`);
  expect(new Set(tries.map(({ setting }) => setting)).size).toBeGreaterThan(150);
  // They can be given when connecting only, and the last one is beyond what the system allows.
  expect(new Set(refused.map((each) => each.split(" = ")[0]))).toEqual(
    new Set([
      "ignore_system_indexes",
      "jit_debugging_support",
      "jit_profiling_support",
      "log_disconnections",
      "max_stack_depth",
    ]),
  );
});

describe.concurrent("whatever a database has set, the product does its work", () => {
  test.for(partsOf(tries).map((part, index) => [index, part] as const))("part %i", ([, part]) => worksWith(part));

  test.for([
    ["datestyle", "'SQL, DMY'"],
    ["default_transaction_isolation", "'serializable'"],
    ["default_transaction_isolation", "'repeatable read'"],
    ["search_path", "''"],
    ["statement_timeout", "'20ms'"],
    ["idle_in_transaction_session_timeout", "'20ms'"],
    ["idle_session_timeout", "'100ms'"],
    ["lock_timeout", "'1ms'"],
    ["transaction_timeout", "'20ms'"],
  ])("%s = %s by itself", ([setting = "", value = ""]) => worksWith([{ setting, value }]));

  test("also while it is migrated", () =>
    worksWith(
      [
        { setting: "datestyle", value: "'SQL, DMY'" },
        { setting: "default_transaction_isolation", value: "'serializable'" },
        { setting: "transform_null_equals", value: "on" },
        { setting: "statement_timeout", value: "'50ms'" },
        { setting: "lock_timeout", value: "'1ms'" },
        { setting: "search_path", value: "''" },
        { setting: "client_encoding", value: "'LATIN1'" },
        { setting: "session_replication_role", value: "'replica'" },
      ],
      "empty",
    ));

  test("another schema comes first: tables are found where they are, and made where the path says", async () => {
    await withDatabase("migrated", async (url, name) => {
      await query(url, "create schema other; create table other.sagas (nothing text)");
      await setOn(name, { setting: "search_path", value: "other, public" });
      await using served = await serveOn(url);
      await exercise(served);
    });
    await withDatabase("empty", async (url, name) => {
      await query(url, 'create schema "Own schema"; drop schema public');
      await setOn(name, { setting: "search_path", value: '"Own schema"' });
      await migrateDatabase(url);
      await using served = await serveOn(url);
      await exercise(served);
      const [tables] = await query(url, "select count(*)::int from pg_tables where schemaname = 'Own schema'");
      expect(tables?.count).toBeGreaterThan(15);
    });
  });

  test("a database with an odd name, and collations that sort otherwise", async () => {
    const name = `odd "näme" ${process.pid} %41`;
    const options = "template template0 locale_provider icu icu_locale 'tr-TR' encoding 'UTF8'";
    await administer(server, `create database ${pg.escapeIdentifier(name)} ${options}`);
    const url = Object.assign(new URL(server.adminUrl), { pathname: `/${encodeURIComponent(name)}` }).href;
    try {
      await migrateDatabase(url);
      await using served = await serveOn(url);
      await exercise(served);
    } finally {
      await administer(server, `drop database ${pg.escapeIdentifier(name)} with (force)`);
    }
  });
});

describe("what cannot be set is refused at the start, in one sentence", () => {
  const refusal = async (url: string): Promise<string> => {
    const error = await serveOn(url).then(
      async (served) => served[Symbol.asyncDispose](),
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(DatabaseUnusable);
    return (error as DatabaseUnusable).message;
  };

  test.each(["LATIN1", "SQL_ASCII", "EUC_JP"])("an encoding of %s", async (encoding) => {
    const name = `encoded_${encoding.toLowerCase()}_${process.pid}`;
    await administer(server, `create database ${name} template template0 locale 'C' encoding '${encoding}'`);
    const url = Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href;
    try {
      await expect(migrateDatabase(url)).rejects.toThrow(`its encoding is ${encoding}`);
      expect(await refusal(url)).toMatch(/cannot be used: its encoding is .*UTF8.*Nothing was started or changed$/);
    } finally {
      await dropDatabase(server, name);
    }
  });

  test("a database that is set read-only", () =>
    withDatabase("migrated", async (url, name) => {
      await setOn(name, { setting: "default_transaction_read_only", value: "on" });
      expect(await refusal(url)).toContain("it is set read-only (default_transaction_read_only)");
    }));

  test("a role that may not make or read tables, and works once it may", () =>
    withDatabase("empty", async (url, name) => {
      const role = `guest_of_${name}`;
      await administer(server, `create role ${role} login password 'x'`);
      const theirs = Object.assign(new URL(url), { username: role, password: "x" }).href;
      try {
        await expect(migrateDatabase(theirs)).rejects.toThrow(`GRANT USAGE, CREATE ON SCHEMA public TO ${role}`);
        await query(url, `grant create on schema public to ${role}`);
        await expect(migrateDatabase(theirs)).rejects.toThrow(`GRANT CREATE ON DATABASE ${name} TO ${role}`);
        await migrateDatabase(url);
        expect(await refusal(theirs)).toMatch(
          new RegExp(`role ${role} may not read and change pgboss\\..* and others`),
        );
        await query(url, `grant usage on schema public, pgboss to ${role}`);
        await query(url, `grant select on all tables in schema public, pgboss to ${role}`);
        expect(await refusal(theirs)).toMatch(
          new RegExp(`role ${role} may not read and change pgboss\\..* and others`),
        );
        await query(url, `grant insert, update, delete on all tables in schema public, pgboss to ${role}`);
        for (const [right, table] of [
          ["insert", "audit_log"],
          ["update", "sagas"],
          ["delete", "idempotency_keys"],
        ]) {
          await query(url, `revoke ${right} on ${table} from ${role}`);
          expect(await refusal(theirs)).toContain(`role ${role} may not read and change public.${table};`);
          await query(url, `grant ${right} on ${table} to ${role}`);
        }
        await query(url, `drop schema public cascade; drop schema pgboss cascade; create schema public`);
        await query(
          url,
          `grant usage, create on schema public to ${role}; grant create on database ${name} to ${role}`,
        );
        await query(url, `alter role ${role} in database ${name} set session_replication_role = replica`);
        await expect(migrateDatabase(theirs)).rejects.toThrow(/permission denied .*session_replication_role/);
        await query(url, `alter role ${role} in database ${name} reset session_replication_role`);
        await migrateDatabase(theirs);
        await using served = await serveOn(theirs);
        await exercise(served);
      } finally {
        await administer(server, `drop database ${name} with (force)`);
        await administer(server, `drop role ${role}`);
      }
    }));
});

test("a database that becomes read-only while it is used: 503, not ready, and back by itself", () =>
  withDatabase("migrated", async (url, name) => {
    await using served = await serveOn(url);
    const reconnect = () =>
      query(server.adminUrl, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    await setOn(name, { setting: "default_transaction_read_only", value: "on" });
    await reconnect();
    const tenant = { slug: "acme", name: "Acme" };
    await expect.poll(async () => (await served.ask("GET", "/readyz")).body.database.reason).toContain("read-only");
    const { status, body, headers } = await served.ask("POST", "/v1/tenants", tenant);
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "unavailable", "30"]);
    // With a token that has not been used yet, which would be noted.
    expect((await served.ask("GET", "/v1/tenants")).status).toBe(200);
    expect((await served.ask("GET", "/readyz")).status).toBe(503);
    await query(server.adminUrl, `alter database ${name} reset default_transaction_read_only`);
    await reconnect();
    await expect.poll(async () => (await served.ask("GET", "/readyz")).status, { timeout: 10_000 }).toBe(200);
    expect((await served.ask("POST", "/v1/tenants", tenant)).status).toBe(201);
    await provision(served, "globex");
  }));

async function query(url: string, text: string, values?: unknown[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows ?? [];
  } finally {
    await client.end();
  }
}
