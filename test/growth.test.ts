import pg from "pg";
import { expect, test } from "vitest";
import { schedules } from "#main/chores.ts";
import { createToken } from "#operations/create-token.ts";
import type { Role } from "#tokens/queries.ts";
import { everyRead } from "./every-read.ts";
import { fill, idOf, scaled } from "./full-database.ts";
import { type Stack, startStack, until } from "./stack.ts";
import { deploy, ended } from "./stack-deployments.ts";
import { hearStatements, type Reading, readingsOf, type Statement } from "./statements-sent.ts";

/** 20,000 deployments, 40,000 sagas, 40,000 lines of audit: whoever reads through a table is told from who does not. */
const fullness = scaled(0.04);
/** Tables of at least so many rows are those that grow. */
const many = 1000;
/** What one scan may read of them: the steps of the sagas of the longest page; and what a search looks through: 5,000
 * rows of a tenant, of whom every third row is. */
const mostRows = ({ text }: Statement): number => (/ilike|labels @>|h\.state = any/.test(text) ? 15_000 : 1500);

/** Statements that may read a table that grows as a whole, and why. */
const mayReadAll: readonly [pattern: RegExp, why: string][] = [
  [/from "cloud_resources" as "row".*"last_seen_at" </s, "a sync compares the whole fleet, which it has just listed"],
  [/with looked_at as .*cost_spans/s, "it follows every droplet and volume that there is"],
  [/^\s*with listed as \(/, "a listing of the whole fleet is compared with every deployment that is active"],
  [
    /^\s*insert into deployment_health .*join releases/s,
    "whether an active deployment is to be asked, its release may say",
  ],
  [
    /with taken as \(delete from status_changes/,
    "what is counted goes: there is no more of it than has changed in five minutes",
  ],
  [/delete from "sightings" where "observed_at" </s, "an index would be written anew by every look at every droplet"],
];

const tokenOf = async ({ db, ids }: Stack, role: Role, tenantId: string | null): Promise<string> => {
  const asked = { name: `a ${role}`, role, tenant_id: tenantId, expires_at: null };
  const made = await db.transaction().execute((tx) => createToken(tx, asked, { ids, now: new Date() }));
  return made.secret;
};

async function startFull() {
  const stack = await startStack({ workers: 0 });
  await fill(String(stack.pool.options.connectionString), fullness);
  const { url } = await stack.startApi();
  const admin = await tokenOf(stack, "admin", null);
  const call = async (method: string, path: string, body?: object, token = admin) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
  };
  return { stack, call, tenantAdmin: await tokenOf(stack, "admin", idOf("tenant", 1)) };
}

/** What statements read too much of, as lines that name table, way and statement. */
async function excesses(stack: Stack, statements: readonly Statement[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: String(stack.pool.options.connectionString) });
  await client.connect();
  try {
    const tables = await client.query<{ relname: string }>(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples >= $1`,
      [many],
    );
    const growing = new Set(tables.rows.map((row) => row.relname));
    // Of tables as small as these all would often be read: it is asked what is done where there is a better way.
    await client.query("set enable_seqscan = off");
    const found: string[] = [];
    for (const statement of statements) {
      if (mayReadAll.some(([pattern]) => pattern.test(statement.text))) continue;
      const readings = await readingsOf(client, statement).catch((error: unknown) => {
        throw new Error(`Not explained: ${statement.text} ${JSON.stringify(statement.values)}`, { cause: error });
      });
      const isExcess = ({ table, how, rows }: Reading) =>
        growing.has(table) && (how === "Seq Scan" || rows > mostRows(statement));
      for (const { table, how, rows } of readings.filter(isExcess))
        found.push(`${how} of ${table}, ${rows} rows: ${statement.text} ${JSON.stringify(statement.values)}`);
    }
    return [...new Set(found)];
  } finally {
    await client.end();
  }
}

const ofOurs = ({ text }: Statement): boolean => !/pgboss|pg_class|pg_try_advisory|schema_migrations/.test(text);

test("no list, page, filter, count or scrape reads a table that grows as a whole, and neither does an index", async () => {
  const { stack, call, tenantAdmin } = await startFull();
  await using _ = stack;
  const reads = everyRead((await call("GET", "/openapi.json")).body, fullness);
  expect(reads.length).toBeGreaterThan(100);
  const sent = new Map<string, Statement[]>();
  const read = async (path: string, token?: string): Promise<void> => {
    using heard = hearStatements();
    const answer = await call("GET", path, undefined, token);
    // No worker is here: for its first seconds the server waits for one, and says that it is not ready.
    expect(path === "/readyz" ? [200, 503] : [200], `${path}: ${answer.text}`).toContain(answer.status);
    sent.set(`${path}${token ? " of a tenant" : ""}`, heard.statements.filter(ofOurs));
    const next = answer.body?.next_cursor;
    if (next && !path.includes("cursor=")) await read(`${path}${path.includes("?") ? "&" : "?"}cursor=${next}`, token);
  };
  await call("GET", "/metrics");
  for (const { path, forAll } of reads) {
    await read(path);
    if (!forAll && !/\/v1\/(?:tenants|deployments|sagas|webhooks)\/|tenant_id/.test(path))
      await read(path, tenantAdmin);
  }
  const found: string[] = [];
  for (const [path, statements] of sent)
    for (const excess of await excesses(stack, statements)) found.push(`${path}: ${excess}`);
  expect(found).toEqual([]);

  // It can fail: without its index, a filter reads all there is.
  await stack.pool.query("drop index audit_log_by_action");
  const rare = sent.get("/v1/audit?action=tenant.delete") ?? [];
  expect((await excesses(stack, rare)).join()).toMatch(/of audit_log, \d+ rows/);
});

test("no change, step or chore reads a table that grows as a whole", async () => {
  const { stack, call, tenantAdmin } = await startFull();
  await using _ = stack;
  using heard = hearStatements();
  await stack.addWorker();
  await until("the catalogue", async () => {
    const rows = await stack.db.selectFrom("catalogue").select("slug").limit(1).execute();
    return rows.length > 0;
  });
  const done = async (method: string, path: string, body?: object, token?: string) => {
    const answer = await call(method, path, body, token);
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(500);
    return answer;
  };
  const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  const tenant = (await done("POST", "/v1/tenants", { slug: "new", name: "New" })).body;
  await done("PATCH", `/v1/tenants/${tenant.id}`, { hostnames: ["*.new.example.com"] });
  const wanted = { ...spec, tenant_id: tenant.id, name: "made", hostname: "made.new.example.com", provision: true };
  const made = (await done("POST", "/v1/deployments", wanted)).body;
  expect((await ended(stack, made.saga.id)).status).toBe("completed");
  const resource = (await done("GET", `/v1/deployments/${made.id}`)).body.resource;
  expect((await done("DELETE", `/v1/droplets/${resource.provider_id}`)).status).toBe(409);
  await done("GET", `/v1/deployments/${made.id}/removal`);
  const removed = (await done("DELETE", `/v1/deployments/${made.id}`)).body;
  expect((await ended(stack, removed.saga.id)).status).toBe("completed");
  const pending = (
    await done("POST", "/v1/deployments", {
      ...wanted,
      name: "late",
      hostname: "late.new.example.com",
      provision: false,
    })
  ).body;
  await done("POST", `/v1/deployments/${pending.id}/provision`);
  await done("POST", `/v1/deployments/${pending.id}/cancel`, { reason: "asked" });
  const { saga_id } = await stack.db
    .selectFrom("deployments")
    .select("saga_id")
    .where("id", "=", pending.id)
    .executeTakeFirstOrThrow();
  expect((await ended(stack, saga_id ?? "")).status).toBe("rolled_back");
  await done("POST", `/v1/sagas/${saga_id}/retry`);
  await done("POST", `/v1/sagas/${saga_id}/resolve`, { reason: "done" });
  const { saga } = (await done("POST", "/v1/droplets", { ...spec, name: "lonely" })).body;
  const { provider_id } = (await ended(stack, saga.id)) && (await done("GET", `/v1/sagas/${saga.id}`)).body;
  const destroyed = (await done("DELETE", `/v1/droplets/${provider_id}`)).body;
  expect((await ended(stack, destroyed.saga.id)).status).toBe("completed");
  await done("DELETE", `/v1/droplets/${fullness.deployments}`);
  await stack.arm({
    method: "POST",
    path: "^/v2/droplets$",
    kind: "status",
    status: 422,
    body: { id: "unprocessable_entity", message: "No." },
    times: 1,
  });
  expect((await ended(stack, (await deploy(stack)).sagaId)).status).toBe("rolled_back");
  const token = (await done("POST", "/v1/tokens", { name: "new", role: "viewer" })).body;
  await done("DELETE", `/v1/tokens/${token.id}`);
  const hook = (await done("POST", "/v1/webhooks", { url: "https://192.0.2.1/", events: ["*"] }, tenantAdmin)).body;
  await done("PATCH", `/v1/webhooks/${idOf("webhook", 1)}`, { description: "changed" });
  await done("POST", `/v1/webhooks/${idOf("webhook", 2)}/deliveries/${idOf("other", 1)}/redeliver`);
  await done("DELETE", `/v1/webhooks/${hook?.id ?? idOf("webhook", 3)}`);
  await done("DELETE", `/v1/tenants/${tenant.id}`);
  // The provider has none of those that were filled in. Of each that is missing a sync asks by id, as its share of the
  // minute's requests allows: of a few.
  await stack.pool.query(
    "update cloud_resources set last_seen_at = now() + interval '1 hour' where deleted_at is null and provider_id % 100 > 0",
  );
  await done("POST", "/v1/inventory/sync");
  const chores = [...schedules("0 0 1 1 *").keys()];
  for (const name of chores) await stack.requestChore(name);
  await until(
    "the chores",
    async () => {
      const { rows } = await stack.pool.query("select from chores where asked is not null");
      return rows.length === 0;
    },
    60_000,
  );
  await stack.pool.query("analyze");
  expect(await excesses(stack, heard.statements.filter(ofOurs))).toEqual([]);
});

test("what refers to a table that grows is found by an index when a row of that is deleted", async () => {
  await using stack = await startStack({ workers: 0 });
  const { rows } = await stack.pool.query<{ key: string }>(
    `select conrelid::regclass || ' (' || attname || ')' as key
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and connamespace = 'public'::regnamespace and confrelid <> 'tenants'::regclass
        and not exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1]
          and (indpred is null or pg_get_expr(indpred, indrelid) ~ 'IS NOT NULL'))`,
  );
  expect(rows).toEqual([]);
});
