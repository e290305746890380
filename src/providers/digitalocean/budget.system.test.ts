import { describe, expect, test } from "vitest";
import { idsFrom } from "#ids.ts";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { createManualClock } from "#test/manual-clock.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";
import { randomBytes } from "node:crypto";
import { type Budget, createBudget, type Limits } from "./budget.ts";
import type { Priority } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import { purgeRequests } from "./store.ts";

const small: Limits = {
  undo: { minute: 8, hour: 20 },
  create: { minute: 6, hour: 18 },
  wait: { minute: 4, hour: 16 },
  sync: { minute: 2, hour: 14 },
};

async function open(limits: Limits = small) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const budget = createBudget({ db: database.db, clock, ids: idsFrom(clock, randomBytes), limits });
  return { db: database.db, clock, budget, [Symbol.asyncDispose]: database.close };
}

const reserve = (budget: Budget, priority: Priority) =>
  budget.reserve({ priority, method: "GET", route: "/v2/account" });

/** Reserves until it is refused: how often it could, and when it may again in seconds from now. */
async function fill(budget: Budget, priority: Priority, now: Date): Promise<{ taken: number; again: number }> {
  for (let taken = 0; ; taken += 1) {
    try {
      await reserve(budget, priority);
    } catch (error) {
      if (!(error instanceof DigitalOceanError && error.retryAt)) throw error;
      return { taken, again: (error.retryAt.getTime() - now.getTime()) / 1000 };
    }
  }
}

test("each priority leaves room for those before it: rollback, create, waiting, sync", async () => {
  await using it = await open();
  const now = it.clock.now();
  expect(await fill(it.budget, "sync", now)).toEqual({ taken: 2, again: 61 });
  expect(await fill(it.budget, "wait", now)).toEqual({ taken: 2, again: 61 });
  expect(await fill(it.budget, "create", now)).toEqual({ taken: 2, again: 61 });
  expect(await fill(it.budget, "undo", now)).toEqual({ taken: 2, again: 61 });
  expect(await failureOf(reserve(it.budget, "undo"))).toMatchObject({ reason: "rate_limited", effect: "none" });
});

test("the minute slides: room comes back request by request", async () => {
  await using it = await open();
  await reserve(it.budget, "wait");
  it.clock.advance(20_000);
  expect(await fill(it.budget, "wait", it.clock.now())).toEqual({ taken: 3, again: 41 });
  it.clock.advance(41_000);
  expect(await fill(it.budget, "wait", it.clock.now())).toEqual({ taken: 1, again: 20 });
});

test("the hour slides too", async () => {
  await using it = await open();
  const start = it.clock.now();
  for (const taken of [8, 8, 4]) {
    expect(await fill(it.budget, "undo", start)).toMatchObject({ taken });
    it.clock.advance(61_000);
  }
  expect(await fill(it.budget, "undo", start)).toEqual({ taken: 0, again: 3_601 });
  it.clock.advance(3_600_000);
  expect(await fill(it.budget, "undo", start)).toMatchObject({ taken: 8 });
});

test("a wait of up to two seconds is spent in place", async () => {
  await using it = await open();
  await fill(it.budget, "undo", it.clock.now());
  it.clock.advance(59_000);
  const reserved = reserve(it.budget, "undo");
  await expect.poll(() => it.clock.sleeping(), { timeout: 20_000 }).toBe(1);
  it.clock.advance(2_000);
  expect((await reserved).at).toEqual(it.clock.now());
});

test("a request that was never sent is given back, one without an answer is not", async () => {
  await using it = await open();
  await (await reserve(it.budget, "sync")).release();
  await reserve(it.budget, "sync");
  expect(await fill(it.budget, "sync", it.clock.now())).toMatchObject({ taken: 1 });
});

describe("what the provider says it has left", () => {
  const say = async (budget: Budget, remaining: number) => (await reserve(budget, "undo")).done({ remaining });

  test("lowers what we may do, for a minute", async () => {
    await using it = await open();
    // Kept for others: sync 6, wait 4, create 2 of the hour.
    await say(it.budget, 5);
    it.clock.advance(1_000);
    expect(await fill(it.budget, "sync", it.clock.now())).toEqual({ taken: 0, again: 59 });
    expect(await fill(it.budget, "wait", it.clock.now())).toEqual({ taken: 1, again: 59 });
    expect(await fill(it.budget, "create", it.clock.now())).toEqual({ taken: 2, again: 59 });
    expect(await fill(it.budget, "undo", it.clock.now())).toEqual({ taken: 2, again: 59 });
    it.clock.advance(61_000);
    await reserve(it.budget, "sync");
  });

  test("raises nothing", async () => {
    await using it = await open();
    await say(it.budget, 5_000);
    expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 7 });
  });

  test("counts by the time of its request, not of its answer", async () => {
    await using it = await open();
    const early = await reserve(it.budget, "undo");
    it.clock.advance(1_000);
    await say(it.budget, 0);
    it.clock.advance(1_000);
    await early.done({ remaining: 15 });
    expect(await fill(it.budget, "undo", it.clock.now())).toEqual({ taken: 0, again: 59 });
  });
});

test("a longer block is not shortened by a later answer", async () => {
  await using it = await open();
  const [one, two] = [await reserve(it.budget, "undo"), await reserve(it.budget, "undo")];
  const inSeconds = (s: number) => new Date(it.clock.now().getTime() + s * 1000);
  await one.done({ status: 429, blockedUntil: inSeconds(29) });
  await two.done({ status: 429, blockedUntil: inSeconds(5) });
  expect(await fill(it.budget, "undo", it.clock.now())).toEqual({ taken: 0, again: 29 });
});

test("ten clients at once never send more than the budget", async () => {
  await using it = await open();
  await using provider = await startScriptedProvider(() => ({ status: 204 }));
  const clients = Array.from({ length: 10 }, () =>
    connectDigitalOcean({ baseUrl: provider.url, db: it.db, clock: it.clock }),
  );
  const round = () =>
    Promise.allSettled(
      Array.from({ length: 400 }, async (_, n) => clients[n % 10]?.droplets.delete(n + 1, { priority: "undo" })),
    );
  await round();
  expect(provider.requests).toHaveLength(250);
  it.clock.advance(60_000);
  const held = round();
  await expect.poll(() => it.clock.sleeping(), { timeout: 20_000 }).toBe(400);
  expect(provider.requests).toHaveLength(250);
  it.clock.advance(1_000);
  await expect.poll(() => provider.requests.length, { timeout: 20_000 }).toBe(500);
  await held;
  expect(provider.requests).toHaveLength(500);
});

test("a question that is not of the budget takes no place in it, waits for none, and tells it nothing", async () => {
  await using it = await open();
  const headers = { "ratelimit-remaining": "3", "retry-after": "40" };
  await using provider = await startScriptedProvider(() => ({
    status: 429,
    headers,
    body: { id: "too_many_requests" },
  }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: it.db, clock: it.clock });
  const before = await it.db.selectFrom("request_budget").selectAll().execute();
  const refused = await failureOf(client.account.get({ priority: "undo", unbudgeted: true }));
  expect(refused).toMatchObject({ reason: "rate_limited", status: 429 });
  expect(await it.db.selectFrom("request_budget").selectAll().execute()).toEqual(before);
  expect(await it.db.selectFrom("provider_requests").selectAll().execute()).toEqual([]);
  await fill(it.budget, "undo", it.clock.now());
  await failureOf(client.account.get({ priority: "undo", unbudgeted: true }));
  expect(provider.requests).toHaveLength(2);
});

test("the purge deletes what is older, and only that", async () => {
  await using it = await open();
  await reserve(it.budget, "undo");
  it.clock.advance(86_400_000);
  await reserve(it.budget, "undo");
  expect(await purgeRequests(it.db, it.clock.now())).toBe(1);
  expect(await it.db.selectFrom("provider_requests").select("at").execute()).toEqual([{ at: it.clock.now() }]);
});
