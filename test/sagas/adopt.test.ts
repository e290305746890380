import { expect, test, vi } from "vitest";
import { planAdoption } from "#operations/adopt-deployment.ts";
import { changeDeployment } from "#operations/change-deployment.ts";
import { createTenant } from "#operations/create-tenant.ts";
import { planOperation } from "#operations/operate-deployment.ts";
import { type Stack, startStack, until, zone } from "#test/stack.ts";
import { deleteDeployment, ended, holdAt, stepIs } from "#test/stack-deployments.ts";

vi.setConfig({ testTimeout: 240_000 });

const env = { ARCADIA_REQUESTS_PER_MINUTE: "100000", ARCADIA_REQUESTS_PER_HOUR: "1000000" };

/** Droplets and their records as somebody made them without us, and the inventory as a sync has seen them. */
async function handmade(stack: Stack, count: number) {
  const spec = { region: "syd1", size: "s-1vcpu-1gb", image: "debian-13-x64" };
  for (let first = 0; first < count; first += 10) {
    const names = Array.from({ length: Math.min(10, count - first) }, (_, at) => `web-${first + at}`);
    await stack.provider("POST", "/v2/droplets", { names, ...spec, tags: ["customers"] });
  }
  await until("the droplets", async () =>
    stack.truth().droplets.every(({ status, public_ipv4: ip }) => status === "active" && ip),
  );
  for (const { name, public_ipv4: data } of stack.truth().droplets)
    await stack.provider("POST", `/v2/domains/${zone}/records`, { type: "A", name, data, ttl: 1800 });
  stack.rememberRecords();
  await sync(stack, count);
  return stack.truth().droplets.map(({ id, name }) => ({ provider_id: id, hostname: `${name}.${zone}` }));
}

async function sync(stack: Stack, count: number): Promise<void> {
  // By then no list of the provider lags any more behind what was made.
  const begun = new Date(Date.now() + 500);
  await until("a sync that shows them all", async () => {
    await stack.requestChore("sync");
    const { rows } = await stack.pool.query(
      "select 1 from looks where scope = 'account' and begun_at > $1 and found >= $2 limit 1",
      [begun, count],
    );
    const read = await stack.pool.query("select 1 from zone_listings where begun_at > $1", [begun]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return rows.length > 0 && read.rows.length > 0;
  });
}

const tenantOf = (stack: Stack) =>
  stack.db
    .transaction()
    .execute((tx) =>
      createTenant(tx, { slug: "acme", name: "acme", hostnames: [] }, { ids: stack.ids, now: stack.clock.now() }),
    );

const adopt = (
  stack: Stack,
  asked: { tenant_id: string; provider_id: number; hostname: string; dns: "keep" | "manage" },
) =>
  stack.db.transaction().execute(async (tx) => {
    const planned = await planAdoption(tx, stack.sagas, asked, { zone, ids: stack.ids, now: stack.clock.now() });
    return planned.start();
  });

const counts = async (stack: Stack): Promise<Record<string, number>> => {
  const { rows } = await stack.pool.query<{ status: string; count: number }>(
    "select status, count(*)::int as count from deployments group by status",
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
};

/** Without tags, and without what changes by itself. */
const shape = (stack: Stack) =>
  stack.truth().droplets.map(({ id, name, region, size_slug, image, public_ipv4, status }) => ({
    id,
    name,
    region,
    size_slug,
    image,
    public_ipv4,
    status,
  }));
const records = (stack: Stack) => stack.truth().domains.flatMap(({ records: them }) => them);

const unprotect = (stack: Stack, id: string) =>
  stack.db
    .transaction()
    .execute((tx) =>
      changeDeployment(tx, stack.secrets, id, { protected: false }, { tenantId: null, now: stack.clock.now() }),
    );

test("two hundred droplets and their records, made by hand, are adopted: tags are all that changes", async () => {
  await using stack = await startStack({ env, simulator: { dropletLimit: 300, bootMs: 0, lagMs: 0, getLagMs: 0 } });
  const found = await handmade(stack, 200);
  const before = { droplets: shape(stack), records: records(stack), made: stack.truth().created_total };
  const { id: tenant_id } = await tenantOf(stack);
  await stack.pool.query("delete from provider_requests");
  for (const [at, it] of found.entries())
    await adopt(stack, { tenant_id, ...it, dns: at % 4 === 0 ? "keep" : "manage" });
  await until("all to be adopted", async () => (await counts(stack))["active"] === 200, 180_000);

  const { rows: sent } = await stack.pool.query<{ what: string }>(
    "select distinct method || ' ' || route as what from provider_requests where method <> 'GET' order by 1",
  );
  expect(sent.map(({ what }) => what)).toEqual(["POST /v2/tags", "POST /v2/tags/{name}/resources"]);
  expect({ droplets: shape(stack), records: records(stack), made: stack.truth().created_total }).toEqual(before);
  const tags = new Set(stack.truth().droplets.map((it) => it.tags.toSorted().join(" ")));
  expect([...tags]).toEqual([expect.stringMatching(/^arcadia-install-[0-9a-f-]{36} customers$/)]);
  const { rows: held } = await stack.pool.query(
    "select kind, origin, phase, count(*)::int as count from provider_resources group by 1, 2, 3 order by 1",
  );
  expect(held).toEqual([
    { kind: "dns_record", origin: "adopted", phase: "there", count: 150 },
    { kind: "droplet", origin: "adopted", phase: "there", count: 200 },
  ]);
  expect((await stack.db.selectFrom("deployments").select("id").where("protected", "=", false).execute()).length).toBe(
    0,
  );

  // Whatever looks at the account destroys none, and finds nothing that would have to be changed.
  await sync(stack, 200);
  await stack.requestChore("recheck");
  await sync(stack, 200);
  expect(await stack.db.selectFrom("strays").selectAll().execute()).toEqual([]);
  expect(await stack.db.selectFrom("deployment_conditions").selectAll().execute()).toEqual([]);
  expect(shape(stack)).toEqual(before.droplets);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("of two installations that adopt one droplet at the same moment, one that sees the other's mark gives way", async () => {
  await using stack = await startStack({ timing: { poll: 0.3, settle: 1 } });
  const [found] = await handmade(stack, 1);
  if (!found) throw new Error("There is no droplet");
  const { id: tenant_id } = await tenantOf(stack);
  const release = await holdAt(stack, "tag_droplet");
  await adopt(stack, { tenant_id, ...found, dns: "manage" });
  const { id: sagaId } = await stack.db.selectFrom("sagas").select("id").executeTakeFirstOrThrow();
  await stepIs(stack, sagaId, "tag_droplet", "running");
  const theirs = "arcadia-install-00000000-0000-4000-8000-000000000001";
  await stack.provider("POST", "/v2/tags", { name: theirs });
  const resources = [{ resource_id: String(found.provider_id), resource_type: "droplet" }];
  await stack.provider("POST", `/v2/tags/${theirs}/resources`, { resources });
  await release();
  await stack.takeOver(sagaId);
  expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "not_adoptable" } });
  // They may have it: nothing of ours is on it any more.
  expect(stack.truth().droplets[0]?.tags.toSorted()).toEqual([theirs, "customers"].toSorted());
});

test("what cannot be adopted is refused before anything is written, or by its saga before anything is sent", async () => {
  await using stack = await startStack({ env, simulator: { bootMs: 0, lagMs: 0, getLagMs: 0 } });
  const found = await handmade(stack, 5);
  const { id: tenant_id } = await tenantOf(stack);
  const [first, second, third, fourth, fifth] = found as [(typeof found)[0], ...typeof found];
  const tag = async (name: string, { provider_id }: (typeof found)[0]) => {
    await stack.provider("POST", "/v2/tags", { name });
    const resources = [{ resource_id: `${provider_id}`, resource_type: "droplet" }];
    await stack.provider("POST", `/v2/tags/${name}/resources`, { resources });
  };
  const other = "0193a000-0000-7000-8000-000000000001";
  await tag(`arcadia-install-${other}`, first);
  await tag(`arcadia-saga-${other}`, second ?? first);
  const data = stack.truth().droplets.find(({ id }) => id === third?.provider_id)?.public_ipv4;
  await stack.provider("POST", `/v2/domains/${zone}/records`, {
    type: "A",
    name: "web-2",
    data: "203.0.113.9",
    ttl: 60,
  });
  stack.rememberRecords();
  await sync(stack, 5);
  const ask = (it: (typeof found)[0] | undefined, dns: "keep" | "manage" = "manage") =>
    adopt(stack, { tenant_id, ...(it ?? first), dns });
  await expect(ask(first)).rejects.toMatchObject({ code: "droplet_in_use" });
  await expect(ask(second)).rejects.toMatchObject({ code: "droplet_in_use" });
  await expect(ask(third)).rejects.toMatchObject({
    code: "validation_failed",
    message: expect.stringContaining("2 records"),
  });
  await expect(ask(third, "keep")).rejects.toMatchObject({ code: "validation_failed" });
  await expect(ask({ provider_id: 4711, hostname: `x.${zone}` })).rejects.toMatchObject({ code: "not_found" });
  await expect(ask({ ...(fourth ?? first), hostname: `none.${zone}` })).rejects.toThrow("has no record");
  await expect(ask({ ...(fourth ?? first), hostname: `web-4.${zone}` })).rejects.toThrow("does not lead to");
  await expect(ask({ ...(fourth ?? first), hostname: "app.elsewhere.org" })).rejects.toThrow("outside the zone");
  expect(await counts(stack)).toEqual({});

  await ask(fourth);
  await expect(ask(fourth)).rejects.toMatchObject({ code: "droplet_in_use" });
  // Its record is changed by somebody since the zone was read: the saga sees that, and does nothing.
  const record = records(stack).find(({ name }) => name === "web-4");
  await stack.provider("PATCH", `/v2/domains/${zone}/records/${record?.id}`, { data: "203.0.113.9" });
  stack.rememberRecords();
  await ask(fifth).catch(() => undefined);
  await until("one to be adopted, one to be refused", async () => {
    const it = await counts(stack);
    return it["active"] === 1 && (it["terminated"] ?? 0) <= 1 && !it["provisioning"];
  });
  const tagged = stack.truth().droplets.filter(({ tags }) => tags.some((it) => it.startsWith("arcadia-install-")));
  expect(tagged.map(({ name }) => name).toSorted()).toEqual(["web-0", "web-3"]);
  expect(data).toBeDefined();
});

test("it is destroyed only by order and while nothing else leads to it, or given back as it was", async () => {
  await using stack = await startStack({ env, simulator: { bootMs: 0, lagMs: 0, getLagMs: 0 } });
  const [kept, managed, given] = await handmade(stack, 3);
  if (!kept || !managed || !given) throw new Error("They are not there");
  const { id: tenant_id } = await tenantOf(stack);
  const ids = [
    await adopt(stack, { tenant_id, ...kept, dns: "keep" }),
    await adopt(stack, { tenant_id, ...managed, dns: "manage" }),
    await adopt(stack, { tenant_id, ...given, dns: "manage" }),
  ] as const;
  await until("them to be active", async () => (await counts(stack))["active"] === 3);
  await sync(stack, 3);
  for (const id of ids)
    await expect(deleteDeployment(stack, id)).rejects.toMatchObject({ code: "deployment_protected" });

  const before = stack.truth();
  await stack.db.transaction().execute(async (tx) => {
    const asked = { name: "unadopt", body: {}, isFinal: false, tenantId: null, now: stack.clock.now() };
    await (await planOperation(tx, stack.sagas, ids[2], asked)).planned.start();
  });
  await until("it to be given back", async () => (await counts(stack))["terminated"] === 1);
  const droplet = stack.truth().droplets.find(({ id }) => id === given.provider_id);
  expect(droplet).toMatchObject({ tags: ["customers"], status: "active" });
  expect(records(stack)).toEqual(before.domains.flatMap(({ records: them }) => them));

  // Ours goes with it; one that is not ours has to go first.
  await unprotect(stack, ids[1]);
  await deleteDeployment(stack, ids[1]);
  await unprotect(stack, ids[0]);
  await expect(deleteDeployment(stack, ids[0])).rejects.toMatchObject({ code: "dns_leads_there" });
  const record = records(stack).find(({ name }) => `${name}.${zone}` === kept.hostname);
  await stack.provider("DELETE", `/v2/domains/${zone}/records/${record?.id}`);
  await sync(stack, 2);
  await deleteDeployment(stack, ids[0]);
  await until("both to be gone", async () => (await counts(stack))["terminated"] === 3);
  expect(stack.truth().droplets.map(({ id }) => id)).toEqual([given.provider_id]);
  expect(
    records(stack)
      .filter(({ type }) => type === "A")
      .map(({ name }) => `${name}.${zone}`),
  ).toEqual([given.hostname]);
  await sync(stack, 1);
  expect(await stack.db.selectFrom("strays").selectAll().execute()).toEqual([]);
});
