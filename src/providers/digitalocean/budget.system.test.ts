import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { idsFrom } from "#ids.ts";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { createManualClock, type ManualClock } from "#test/manual-clock.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";
import { randomBytes } from "node:crypto";
import { type Budget, createBudget, type Limits, limitsWithin } from "./budget.ts";
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

const reserve = (budget: Budget, priority: Priority, patienceMs?: number) =>
  budget.reserve({ priority, method: "GET", route: "/v2/account", ...(patienceMs !== undefined && { patienceMs }) });

/** Reserves until it is refused: how often it could, and when it may again in seconds from now. */
async function fill(budget: Budget, priority: Priority, now: Date): Promise<{ taken: number; again: number }> {
  for (let taken = 0; ; taken += 1) {
    try {
      await reserve(budget, priority, 0);
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
  const { blocked_until } = await it.db.selectFrom("request_budget").selectAll().executeTakeFirstOrThrow();
  expect(blocked_until).toEqual(inSeconds(29));
  it.clock.advance(28_000);
  expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 0 });
});

const sagaId = (nth: number): string => `00000000-0000-7000-8000-00000000000${nth}`;
const ask = (budget: Budget, priority: Priority, more: Partial<Parameters<Budget["reserve"]>[0]> = {}) =>
  budget.reserve({ priority, method: "POST", route: "/v2/droplets", ...more });

describe("who finds no room stands in a queue", () => {
  const turnOf = async (promise: Promise<unknown>, clock: ManualClock) =>
    ((await failureOf(promise)).retryAt?.getTime() ?? 0) - clock.now().getTime();

  test("by the age of the saga, each with a turn of its own", async () => {
    await using it = await open();
    for (let nth = 0; nth < 6; nth += 1) {
      await reserve(it.budget, "create");
      it.clock.advance(5_000);
    }
    const turns = [];
    for (const nth of [1, 2, 3]) turns.push(await turnOf(ask(it.budget, "create", { sagaId: sagaId(nth) }), it.clock));
    expect(turns).toEqual([31_000, 36_000, 41_000]);
    // The older one that comes later is served before them.
    expect(await turnOf(ask(it.budget, "create", { sagaId: sagaId(0) }), it.clock)).toBe(31_000);
    it.clock.advance(31_000);
    expect(await turnOf(ask(it.budget, "create", { sagaId: sagaId(1) }), it.clock)).toBe(5_000);
    await ask(it.budget, "create", { sagaId: sagaId(0) });
    expect(await turnOf(ask(it.budget, "create"), it.clock)).toBe(20_000);
  });

  test("undoing before what is shared by creates, that before creates, and who does not come is not waited for", async () => {
    await using it = await open();
    for (let nth = 0; nth < 6; nth += 1) await reserve(it.budget, "create");
    await turnOf(ask(it.budget, "create", { sagaId: sagaId(1) }), it.clock);
    await turnOf(ask(it.budget, "create", { sagaId: sagaId(2), shared: true }), it.clock);
    await fill(it.budget, "undo", it.clock.now());
    await turnOf(ask(it.budget, "undo", { sagaId: sagaId(3) }), it.clock);
    const { rows } = await sql<{ id: string }>`select id from request_queue order by rank, id`.execute(it.db);
    // What is shared has a place that is no saga's.
    expect(rows.map(({ id }) => id)).toEqual([sagaId(3), expect.not.stringContaining("0000-7000-8000"), sagaId(1)]);
    it.clock.advance(72_000);
    expect(await fill(it.budget, "sync", it.clock.now())).toMatchObject({ taken: 2 });
  });

  test("those who wait for the same look stand in one place: who comes after them waits for one request", async () => {
    await using it = await open();
    for (let nth = 0; nth < 6; nth += 1) {
      await reserve(it.budget, "create");
      it.clock.advance(5_000);
    }
    for (const nth of [1, 2, 3, 4])
      expect(await turnOf(ask(it.budget, "create", { sagaId: sagaId(nth), shared: true }), it.clock)).toBe(31_000);
    expect(await turnOf(ask(it.budget, "create", { sagaId: sagaId(5) }), it.clock)).toBe(36_000);
    it.clock.advance(31_000);
    await ask(it.budget, "create", { sagaId: sagaId(4), shared: true });
    expect(await turnOf(ask(it.budget, "create", { sagaId: sagaId(5) }), it.clock)).toBe(5_000);
    it.clock.advance(5_000);
    await ask(it.budget, "create", { sagaId: sagaId(5) });
  });

  test("who only wants to know when its turn is takes no place", async () => {
    await using it = await open();
    for (let nth = 0; nth < 6; nth += 1) await reserve(it.budget, "create");
    const request = { priority: "create", method: "POST", route: "any", sagaId: sagaId(1) } as const;
    await turnOf(ask(it.budget, "create", { sagaId: sagaId(1) }), it.clock);
    expect(await turnOf(it.budget.turn(request), it.clock)).toBe(61_000);
    it.clock.advance(59_000);
    const turn = it.budget.turn(request);
    await expect.poll(() => it.clock.sleeping(), { timeout: 20_000 }).toBe(1);
    it.clock.advance(2_000);
    await turn;
    expect(await it.db.selectFrom("provider_requests").select("id").execute()).toHaveLength(6);
  });
});

test("a refusal lowers our share of the minute, which is raised slowly where it was and then ever faster", async () => {
  await using it = await open(limitsWithin(100, 5000));
  const taken = [];
  for (let nth = 0; nth < 10; nth += 1) taken.push(await ask(it.budget, "undo"));
  it.clock.advance(20_000);
  const last = await ask(it.budget, "undo");
  await last.done({ status: 429, blockedUntil: new Date(it.clock.now().getTime() + 5_000) });
  it.clock.advance(60_000);
  // 10 lately, a tenth less; in parts of five seconds, and never less than a tenth of the limit.
  expect(await it.db.selectFrom("request_budget").select("share").executeTakeFirst()).toEqual({ share: 10 });
  expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 1 });
  it.clock.advance(10 * 60_000);
  expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 10 });
});

test("a Retry-After of an hour is tried by one cheap question a minute, and forgotten once that is answered", async () => {
  await using it = await open();
  const hour = new Date(it.clock.now().getTime() + 3_600_000);
  await (await ask(it.budget, "undo")).done({ status: 429, blockedUntil: hour });
  it.clock.advance(59_000);
  expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 0 });
  it.clock.advance(1_000);
  expect(await failureOf(ask(it.budget, "undo"))).toMatchObject({ reason: "rate_limited" });
  const probe = await reserve(it.budget, "undo");
  expect(await fill(it.budget, "undo", it.clock.now())).toMatchObject({ taken: 0 });
  await probe.done({ status: 429, blockedUntil: hour });
  it.clock.advance(60_000);
  await (await reserve(it.budget, "undo")).done({ status: 200 });
  await ask(it.budget, "undo");
});

test("ten clients at once never send more than the budget", async () => {
  await using it = await open();
  await using provider = await startScriptedProvider(() => ({ status: 204 }));
  const clients = Array.from({ length: 10 }, () =>
    connectDigitalOcean({ baseUrl: provider.url, db: it.db, clock: it.clock, limits: limitsWithin(30, 5000) }),
  );
  let over = 0;
  const round = () =>
    Promise.allSettled(
      Array.from({ length: 60 }, async (_, n) => clients[n % 10]?.droplets.delete(n + 1, { priority: "undo" })),
    ).finally(() => (over += 1));
  const untilOver = async (rounds: number) => {
    while (over < rounds) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      it.clock.advance(50);
    }
  };
  void round();
  await untilOver(1);
  expect(provider.requests).toHaveLength(30);
  it.clock.advance(40_000);
  await round();
  expect(provider.requests).toHaveLength(30);
  it.clock.advance(21_000);
  void round();
  await untilOver(3);
  expect(provider.requests).toHaveLength(60);
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
