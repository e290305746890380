import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { backUp } from "#main/backup.ts";
import { restore } from "#main/restore.ts";
import type { RunningSimulator } from "#simulator/server.ts";
import { provider, type Site, site } from "./backup-site.ts";
import { createDataDirectory } from "./data-directory.ts";
import { createTestDatabase } from "./database.ts";
import { until } from "./stack.ts";

const log = openLog("fatal");

const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", provision: true };
const statuses = async (at: Site): Promise<string[]> =>
  (await at.call("GET", "/v1/deployments")).items.map((it: { status: string }) => it.status);
const userData = "#cloud-config secret of the tenant";

test("taken under load and restored elsewhere: the sagas go on, nothing is made twice", async () => {
  const simulator = await provider({ bootMs: 4000 });
  const [here, there] = [await site(simulator), await site(simulator)];
  await here.start();
  const { id: tenant_id } = await here.call("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
  const deploy = (name: string) =>
    here.call("POST", "/v1/deployments", {
      tenant_id,
      name,
      hostname: `${name}.example.com`,
      user_data: userData,
      ...spec,
    });
  const names = Array.from({ length: 8 }, (_, index) => `app-${index}`);
  for (const name of names.slice(0, 4)) await deploy(name);
  await until("a droplet", async () => simulator.state().created_total > 0);
  const [made] = await Promise.all([here.backUp(here.file), ...names.slice(4).map(deploy)]);
  await here.stop();

  expect(made).toMatchObject({ file: here.file, secret_key_included: true, rows: expect.any(Number) });
  expect((await stat(here.file)).mode & 0o777).toBe(0o600);
  const done = await there.restore(here.file);
  expect(done).toMatchObject({ taken_at: made.taken_at, rows: made.rows, held: false });
  expect(done.unfinished).toBeGreaterThanOrEqual(4);
  await there.start();
  await until("the end of all", async () => {
    const now = await statuses(there);
    return now.length >= done.unfinished && now.every((status) => status === "active");
  });
  const { droplets } = simulator.state();
  const sagas = droplets.map((it) => it.tags.find((tag) => tag.startsWith("arcadia-saga-")));
  expect(new Set(sagas).size).toBe(droplets.length);
  const [entry] = (await there.call("GET", "/v1/audit?action=database.restore")).items;
  expect(entry).toMatchObject({ subject: "arcadia restore", detail: { unfinished: done.unfinished } });
});

test.each([
  ["a droplet", async (simulator: RunningSimulator) => simulator.state().created_total === 1],
  ["a whole deployment", async (_: RunningSimulator, here: Site) => (await statuses(here)).join() === "active"],
])("%s that was made after the backup is found again, not made again", async (what, isMade) => {
  const simulator = await provider({ bootMs: 1500 });
  const [here, there] = [await site(simulator), await site(simulator)];
  await here.start();
  const { id: tenant_id } = await here.call("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
  const fault = { method: "GET", path: "^/v2/domains", kind: "hang", delay_ms: 2000, times: 50 };
  await fetch(`${simulator.url}/_sim/faults`, { method: "POST", body: JSON.stringify(fault) });
  await here.call("POST", "/v1/deployments", { tenant_id, name: "app", hostname: "app.example.com", ...spec });
  await here.backUp(here.file);
  expect(simulator.state().created_total).toBe(0);
  await fetch(`${simulator.url}/_sim/faults`, { method: "DELETE" });
  await until(what, () => isMade(simulator, here));
  await here.stop();

  await there.restore(here.file);
  await there.start();
  await until("the end", async () => ["active", "cancelled"].includes((await statuses(there)).join()));
  expect(await statuses(there)).toEqual(["active"]);
  expect(simulator.state()).toMatchObject({ created_total: 1, destroyed_total: 0 });
  const records = simulator.state().domains[0]?.records.filter(({ type }) => type === "A") ?? [];
  expect(records.map(({ data }) => data)).toEqual([simulator.state().droplets[0]?.public_ipv4]);
});

test("held sagas wait for an operator, whose retry lets them go on", async () => {
  const simulator = await provider({ bootMs: 3000 });
  const [here, there] = [await site(simulator), await site(simulator)];
  await here.start();
  const { id: tenant_id } = await here.call("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
  await here.call("POST", "/v1/deployments", { tenant_id, name: "app", hostname: "app.example.com", ...spec });
  await until("the droplet", async () => simulator.state().created_total === 1);
  await here.stop();
  // Stopped: the backup starts the database for itself.
  await here.backUp(here.file);
  expect(await there.restore(here.file, { hold: true })).toMatchObject({ unfinished: 1, held: true });
  await there.start();
  const [saga] = (await there.call("GET", "/v1/sagas?status=stuck")).items;
  expect(saga).toMatchObject({ error: { code: "restored" }, stuck_error: { code: "restored" } });
  await there.call("POST", `/v1/sagas/${saga.id}/retry`);
  await until("the end", async () => (await statuses(there)).join() === "active");
  expect(simulator.state().created_total).toBe(1);
});

test("refusals change nothing: a server that runs, a database in use, a damaged file, a file in the way", async () => {
  const simulator = await provider({ bootMs: 100 });
  const [here, there] = [await site(simulator), await site(simulator)];
  await expect(here.backUp(here.file)).rejects.toThrow("There is no database");
  await here.start();
  await here.call("POST", "/v1/tenants", { slug: "acme", name: "Acme" });
  await here.backUp(here.file);
  await expect(here.backUp(here.file)).rejects.toThrow("exists already");
  await expect(here.restore(here.file)).rejects.toThrow("is in use by process");
  await here.call("POST", "/v1/tenants", { slug: "later", name: "Later" });
  await here.stop();
  await expect(here.restore(here.file)).rejects.toThrow(/is not empty \(.*tenants.*--force/);

  const whole = await readFile(here.file);
  for (const [name, damage, message] of [
    ["cut", (file: string) => truncate(file, whole.length - 40), /could not be read|cut off/],
    ["noise", (file: string) => writeFile(file, "not a backup"), /could not be read/],
  ] as const) {
    const file = join(here.path, "..", name);
    await writeFile(file, whole);
    await damage(file);
    await expect(there.restore(file)).rejects.toThrow(message);
  }
  await here.restore(here.file, { force: true });
  await here.start();
  const slugs = (await here.call("GET", "/v1/tenants")).items.map((it: { slug: string }) => it.slug);
  expect(slugs).toEqual(["acme"]);
});

test("a key from outside stays outside, and another one is refused", async () => {
  await using from = await createTestDatabase();
  await using to = await createTestDatabase();
  await using directory = await createDataDirectory();
  const [key, other] = ["k".repeat(32), "o".repeat(32)];
  const configOf = (url: string, secretKey?: string) =>
    readConfig({
      DATABASE_URL: url,
      ARCADIA_DATA_DIR: directory.path,
      ...(secretKey && { ARCADIA_SECRET_KEY: secretKey }),
    });
  const file = join(directory.path, "..", "keyed.backup");
  expect(await backUp({ config: configOf(from.url, key), file })).toMatchObject({ secret_key_included: false });
  expect(gunzipSync(await readFile(file)).toString()).not.toContain(key);
  await expect(restore({ config: configOf(to.url, other), file })).rejects.toThrow("sealed with another key");
  await expect(restore({ config: configOf(to.url), file })).rejects.toThrow("Set ARCADIA_SECRET_KEY to that key");
  expect(await to.db.selectFrom("audit_log").select("id").execute()).toEqual([]);
  await restore({ config: configOf(to.url, key), file });

  // --force throws away only what it puts something in the place of.
  await to.db.insertInto("installation").values({ id: crypto.randomUUID(), created_at: new Date() }).execute();
  const before = await to.db.selectFrom("installation").selectAll().execute();
  const forced = restore({ config: configOf(to.url, other), file, force: true });
  await expect(forced).rejects.toThrow("sealed with another key");
  expect(await to.db.selectFrom("installation").selectAll().execute()).toEqual(before);
  const replay = "set session_replication_role = replica; delete from audit_log";
  await expect(to.pool.query(replay)).rejects.toThrow("append-only");
});

test("a backup holds every table, and the schema has nothing that it would lose", async () => {
  await using database = await createTestDatabase();
  const found = await database.pool.query(
    `select (select count(*) from pg_sequences where schemaname = 'public') as sequences,
      (select count(*) from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and attgenerated <> '') as generated,
      (select count(*) from pg_class where relkind = 'p' and relnamespace = 'public'::regnamespace) as partitioned`,
  );
  expect(found.rows).toEqual([{ sequences: 0, generated: 0, partitioned: 0 }]);
});

test("a database of one's own is backed up and restored alike, values of every kind included", async () => {
  await using from = await createTestDatabase();
  await using to = await createTestDatabase();
  const awkward = 'quote " comma , backslash \\ brace {} newline \n separator \u2028 é';
  const at = new Date("2026-11-22T01:02:03.456Z");
  await from.db.insertInto("installation").values({ id: crypto.randomUUID(), created_at: at }).execute();
  await from.db
    .insertInto("sealed_user_data")
    .values({ owner_id: crypto.randomUUID(), sealed: Buffer.from([0, 1, 255, 92]), created_at: at })
    .execute();
  await from.db
    .insertInto("cloud_resources")
    .values({
      id: crypto.randomUUID(),
      provider_id: 9_007_199_254_740_991,
      name: awkward,
      status: "",
      region: "syd1",
      size_slug: "s",
      tags: [awkward, "", "null"],
      managed: true,
      first_seen_at: at,
      last_seen_at: at,
    })
    .execute();
  await using directory = await createDataDirectory();
  const configOf = (url: string) => readConfig({ DATABASE_URL: url, ARCADIA_DATA_DIR: directory.path });
  const file = join(directory.path, "..", "own.backup");
  await backUp({ config: configOf(from.url), file });
  await restore({ config: configOf(to.url), file, allowUnverified: true });
  for (const table of ["installation", "sealed_user_data", "cloud_resources", "provider"] as const)
    expect(await to.db.selectFrom(table).selectAll().execute()).toEqual(
      await from.db.selectFrom(table).selectAll().execute(),
    );

  const listener = openDatabase(to.url, { log, applicationName: "arcadia-listener" });
  await listener.pool.query("select 1");
  await expect(restore({ config: configOf(to.url), file, force: true, allowUnverified: true })).rejects.toThrow(
    "Stop it first",
  );
  await listener.close();
});
