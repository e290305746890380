import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { createManualClock } from "#test/manual-clock.ts";
import { type ScriptedAnswer, startScriptedProvider } from "#test/scripted-provider.ts";

const input = { name: "a", region: "syd1", size: "s-1vcpu-1gb", image: "12345", tags: [] };
const inMs = (ms: number) => new Date(Date.now() + ms);

async function connect(answer: ScriptedAnswer) {
  const database = await createTestDatabase();
  const provider = await startScriptedProvider(() => answer);
  const close = async () => {
    await provider[Symbol.asyncDispose]();
    await database.close();
  };
  return { provider, db: database.db, baseUrl: provider.url, [Symbol.asyncDispose]: close };
}

test("nothing is sent after notAfter, and the budget gets its request back", async () => {
  await using it = await connect({ status: 202 });
  const client = connectDigitalOcean(it);
  const error = await failureOf(client.droplets.create(input, { priority: "create", notAfter: inMs(-1) }));
  expect(error).toMatchObject({ reason: "not_sent", effect: "none" });
  expect(it.provider.requests).toHaveLength(0);
  expect(await it.db.selectFrom("provider_requests").selectAll().execute()).toEqual([]);
});

test("a worker frozen while it took its place in the budget does not send late", async () => {
  await using it = await connect({ status: 202 });
  const clock = createManualClock();
  const notAfter = new Date(clock.now().getTime() + 30_000);
  await it.db
    .updateTable("request_budget")
    .set({ blocked_until: new Date(clock.now().getTime() + 1_000) })
    .execute();
  const frozen = { ...clock, sleep: async () => clock.advance(3_600_000) };
  const client = connectDigitalOcean({ ...it, clock: frozen });
  const error = await failureOf(client.droplets.create(input, { priority: "create", notAfter }));
  expect(error).toMatchObject({ reason: "not_sent", effect: "none" });
  expect(it.provider.requests).toHaveLength(0);
});

test("a create still under way at notAfter is cut off, and may have worked", async () => {
  await using it = await connect("hang");
  const client = connectDigitalOcean(it);
  const error = await failureOf(client.droplets.create(input, { priority: "create", notAfter: inMs(3000) }));
  expect(error).toMatchObject({ reason: "timeout", effect: "unknown" });
  expect(it.provider.requests).toHaveLength(1);
});

test("a caller that gave up sends nothing", async () => {
  await using it = await connect({ status: 202 });
  const client = connectDigitalOcean(it);
  const call = { priority: "create", signal: AbortSignal.abort(new Error("claim lost")) } as const;
  const error = await failureOf(client.droplets.create(input, call));
  expect(error).toMatchObject({ reason: "aborted", effect: "none", cause: { message: "claim lost" } });
  expect(it.provider.requests).toHaveLength(0);
});

test("a caller that gives up in the middle cuts the request off", async () => {
  await using it = await connect("hang");
  const client = connectDigitalOcean(it);
  const controller = new AbortController();
  const create = failureOf(client.droplets.create(input, { priority: "create", signal: controller.signal }));
  await expect.poll(() => it.provider.requests.length).toBe(1);
  controller.abort(new Error("claim lost"));
  expect(await create).toMatchObject({ reason: "aborted", effect: "unknown" });
  const [row] = await it.db.selectFrom("provider_requests").selectAll().execute();
  expect(row).toMatchObject({ status: null, error: expect.stringContaining("gave up") });
});

test("a caller that gives up while waiting for the budget, or between two tries, stops there", async () => {
  await using it = await connect({ status: 503 });
  const blocked_until = new Date(Date.now() + 1_500);
  await it.db.updateTable("request_budget").set({ blocked_until }).execute();
  const waiting = { priority: "sync", signal: AbortSignal.timeout(100) } as const;
  const client = connectDigitalOcean(it);
  expect(await failureOf(client.account.get(waiting))).toMatchObject({ reason: "aborted", effect: "none" });
  expect(it.provider.requests).toHaveLength(0);

  await it.db.updateTable("request_budget").set({ blocked_until: null }).execute();
  const controller = new AbortController();
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => {
      controller.abort();
      return systemClock.sleep(ms, signal);
    },
  };
  const pausing = connectDigitalOcean({ ...it, clock });
  const call = { priority: "undo", signal: controller.signal } as const;
  expect(await failureOf(pausing.tags.delete("old", call))).toMatchObject({ reason: "aborted", effect: "unknown" });
  expect(it.provider.requests).toHaveLength(1);
});

test("while it is not known what time it is nothing is changed; what only looks goes on", async () => {
  await using it = await connect({ status: 404, body: { id: "not_found", message: "No." } });
  const client = connectDigitalOcean({ ...it, clock: { ...systemClock, isDoubtful: () => true } });
  const error = await failureOf(client.droplets.create(input, { priority: "create" }));
  expect(error).toMatchObject({ reason: "not_sent", effect: "none" });
  expect(it.provider.requests).toHaveLength(0);
  expect(await failureOf(client.droplets.get(1, { priority: "create" }))).toMatchObject({ reason: "not_found" });
});
