import { expect, test } from "vitest";
import { startSimulator } from "#simulator/server.ts";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf, testToken } from "#test/digitalocean-client.ts";

const call = { priority: "create" } as const;
const input = {
  name: "app-1.example.com",
  region: "syd1",
  size: "s-1vcpu-512mb-10gb",
  image: "ubuntu-24-04-x64",
  tags: ["arcadia-saga-1", "managed-by-arcadia-cloud"],
};

async function open(options: Parameters<typeof startSimulator>[0] = {}) {
  const database = await createTestDatabase();
  const simulator = await startSimulator({ calm: true, bootMs: 100, token: testToken, ...options });
  const client = connectDigitalOcean({ baseUrl: simulator.url, db: database.db });
  const arm = async (fault: object) => {
    const answer = await fetch(`${simulator.url}/_sim/faults`, { method: "POST", body: JSON.stringify(fault) });
    expect(answer.status).toBe(201);
  };
  const state = async () => (await fetch(`${simulator.url}/_sim/state`)).json();
  const close = async () => {
    await simulator.close();
    await database.close();
  };
  return { client, db: database.db, url: simulator.url, arm, state, [Symbol.asyncDispose]: close };
}

test("a droplet's life", async () => {
  await using it = await open();
  const made = await it.client.droplets.create(input, call);
  expect(made).toMatchObject({ name: input.name, status: "new", public_ipv4: null });
  await expect
    .poll(() => it.client.droplets.get(made.id, call), { timeout: 5_000 })
    .toMatchObject({ id: made.id, status: "active", region: "syd1", image: "ubuntu-24-04-x64", tags: input.tags });
  expect((await it.client.droplets.get(made.id, call)).public_ipv4).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  const byTag = await it.client.droplets.list({ tag_name: "arcadia-saga-1" }, call);
  const byName = await it.client.droplets.list({ name: input.name }, call);
  expect([...byTag.items, ...byName.items].map(({ id }) => id)).toEqual([made.id, made.id]);
  await it.client.droplets.delete(made.id, call);
  await expect
    .poll(() => it.client.droplets.get(made.id, call).catch(({ reason }) => reason), { timeout: 5_000 })
    .toBe("not_found");
  expect((await it.client.tags.list(call)).items.map(({ name }) => name)).toContain("arcadia-saga-1");
  await it.client.tags.delete("arcadia-saga-1", call);
  expect((await it.client.tags.list(call)).items.map(({ name }) => name)).not.toContain("arcadia-saga-1");
});

test("a record's life", async () => {
  await using it = await open();
  const { records, get } = it.client.domains;
  expect(await get("example.com", call)).toMatchObject({ name: "example.com" });
  const made = await records.create("example.com", { type: "A", name: "app", data: "203.0.113.5", ttl: 60 }, call);
  expect(made).toMatchObject({ type: "A", name: "app", data: "203.0.113.5", ttl: 60, priority: null });
  const found = await records.list("example.com", { name: "app.example.com", type: "A" }, call);
  expect(found.items).toEqual([made]);
  const { id, ...rest } = made;
  const replaced = await records.replace("example.com", id, { ...rest, data: "203.0.113.6" }, call);
  expect(replaced).toEqual({ ...made, data: "203.0.113.6" });
  expect(await records.get("example.com", id, call)).toEqual(replaced);
  await records.delete("example.com", id, call);
  expect(await failureOf(records.get("example.com", id, call))).toMatchObject({ reason: "not_found" });
});

test("the account and the catalogue", async () => {
  await using it = await open();
  expect(await it.client.account.get(call)).toMatchObject({
    uuid: expect.any(String),
    droplet_limit: 10_000,
    reserved_ip_limit: 3,
  });
  const slugs = async (listing: Promise<{ items: readonly { slug: string | null }[] }>) =>
    (await listing).items.map(({ slug }) => slug);
  expect(await slugs(it.client.regions.list(call))).toContain("syd1");
  expect(await slugs(it.client.sizes.list(call))).toContain("s-1vcpu-512mb-10gb");
  expect(await slugs(it.client.images.list(call))).toContain("ubuntu-24-04-x64");
});

test.for([
  { kind: "status", status: 504, after_commit: true },
  { kind: "reset", after_commit: true },
  { kind: "html", status: 502, after_commit: true },
])("$kind after the commit of a create: one droplet, outcome unknown", async (fault) => {
  await using it = await open();
  await it.arm({ method: "POST", path: "^/v2/droplets$", ...fault });
  expect(await failureOf(it.client.droplets.create(input, call))).toMatchObject({ effect: "unknown" });
  const state = await it.state();
  expect(state).toMatchObject({ created_total: 1, requests: { by_route: { "POST /v2/droplets": 1 } } });
});

test("another token, a lack of scope, the droplet limit", async () => {
  await using it = await open({ dropletLimit: 1 });
  const stranger = connectDigitalOcean({ baseUrl: it.url, db: it.db, token: "dop_v1_another" });
  expect(await failureOf(stranger.account.get(call))).toMatchObject({ reason: "unauthorized", status: 401 });
  await it.client.droplets.create(input, call);
  expect(await failureOf(it.client.droplets.create(input, call))).toMatchObject({ reason: "droplet_limit" });
  await using limited = await open({ scopes: ["account:read"] });
  expect(await failureOf(limited.client.droplets.create(input, call))).toMatchObject({ reason: "forbidden" });
});
