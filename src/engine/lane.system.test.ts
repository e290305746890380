import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { claim } from "./claim.ts";
import { cancel } from "./commands.ts";
import type { Engine } from "./engine.ts";
import { runSaga } from "./run-saga.ts";
import { inTransaction, type SagaFacts } from "./step.ts";

// What happens to the others when one of many that are committed together goes wrong, on real connections.

const never = new AbortController().signal;
const many = 40;

type Small = Awaited<ReturnType<typeof smallEngine>>;

/** Begins so many sagas and has a worker take them all. @returns their ids, and their runs */
async function takeMany(small: Small, engine: Engine<object> = small.engine) {
  for (let count = 0; count < many; count += 1) await small.begin();
  const { begun } = await claim(engine, many);
  return {
    ids: begun.map(({ saga }) => saga.id),
    run: () => Promise.all(begun.map((saga) => runSaga(engine, saga, never))),
  };
}

const statuses = async ({ db }: Small) =>
  new Map((await db.selectFrom("sagas").select(["id", "status"]).execute()).map(({ id, status }) => [id, status]));
const countOf = (all: ReadonlyMap<string, string>, status: string) =>
  [...all.values()].filter((it) => it === status).length;

/** The events of each saga are numbered without gaps, and the saga knows how many there are. */
async function gaps({ pool }: Small): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`
    select count(*)::int as n from sagas s
    where event_sequence <> (select count(*) from saga_events e where e.saga_id = s.id)
      or event_sequence <> (select max(sequence) from saga_events e where e.saga_id = s.id)`);
  return rows[0]?.n ?? -1;
}

const seven = Array.from({ length: 7 }, (_, number) => smallStep(`step_${number}`, async () => ({})));
const ofSaga = (io: object) => (io as { readonly saga: SagaFacts }).saga.id;

test("outcomes that come at once are committed together", async () => {
  await using small = await smallEngine(seven);
  const { run } = await takeMany(small);
  await run();
  expect(countOf(await statuses(small), "completed")).toBe(many);
  expect(await gaps(small)).toBe(0);
  const { rows } = await small.pool.query<{ n: number }>(
    `select count(distinct xmin::text)::int n from saga_log where news @> '[{"data": {"status": "completed"}}]'`,
  );
  // By itself each outcome would be one.
  expect(rows[0]?.n).toBeLessThan((many * 7) / 3);
});

describe("among outcomes that are committed together", () => {
  test("one that cannot be stored fails alone", async () => {
    let odd: string | undefined;
    await using small = await smallEngine([
      smallStep("only", async (_reads, io) => (ofSaga(io) === odd ? { name: "with \0 in it" } : {}) as never),
    ]);
    const { ids, run } = await takeMany(small);
    odd = ids[7];
    await run();
    const all = await statuses(small);
    expect(all.get(odd ?? "")).toBe("waiting");
    expect(countOf(all, "completed")).toBe(many - 1);
    expect(await gaps(small)).toBe(0);
  });

  test("one whose own write fails, fails alone; what the others write is written once", async () => {
    let odd: string | undefined;
    await using small = await smallEngine([
      smallStep("only", async (_reads, io) =>
        inTransaction(async (tx) => {
          const id = ofSaga(io);
          await sql`insert into made (saga) values (${id === odd ? "no uuid" : id}::uuid)`.execute(tx);
          return {};
        }),
      ),
    ]);
    await small.pool.query("create table made (saga uuid not null)");
    const { ids, run } = await takeMany(small);
    odd = ids[7];
    await run();
    expect((await statuses(small)).get(odd ?? "")).toBe("waiting");
    expect(countOf(await statuses(small), "completed")).toBe(many - 1);
    const { rows } = await small.pool.query("select count(*)::int n, count(distinct saga)::int sagas from made");
    expect(rows).toEqual([{ n: many - 1, sagas: many - 1 }]);
  });

  test.each([
    ["whose row somebody has locked", "sagas", "id"],
    ["whose own write somebody holds up", "made", "saga"],
  ])("one %s waits alone", async (_what, table, key) => {
    await using small = await smallEngine([
      smallStep("only", async (_reads, io) =>
        inTransaction(async (tx) => {
          await sql`update made set times = times + 1 where saga = ${ofSaga(io)}`.execute(tx);
          return {};
        }),
      ),
    ]);
    await small.pool.query("create table made (saga uuid primary key, times int not null default 0)");
    const { ids, run } = await takeMany(small);
    await small.pool.query("insert into made (saga) select id from sagas");
    const client = await small.pool.connect();
    await client.query("begin");
    await client.query(`select from ${table} where ${key} = $1 for update`, [ids[7]]);
    const running = run();
    await vi.waitFor(async () => expect(countOf(await statuses(small), "completed")).toBe(many - 1), {
      timeout: 20_000,
    });
    expect((await statuses(small)).get(ids[7] ?? "")).toBe("running");
    await client.query("rollback");
    client.release();
    await running;
    expect(countOf(await statuses(small), "completed")).toBe(many);
    expect((await small.pool.query("select distinct times from made")).rows).toEqual([{ times: 1 }]);
  });
});

test("a worker that was frozen past its leases writes nothing once it is back", async () => {
  const { promise: frozen, resolve: thaw } = Promise.withResolvers<void>();
  let isFirst = true;
  await using small = await smallEngine([
    smallStep("only", async () => {
      if (isFirst) await frozen;
      return inTransaction(async (tx) => {
        await sql`insert into made values (1)`.execute(tx);
        return {};
      });
    }),
  ]);
  await small.pool.query("create table made (one int)");
  const { run } = await takeMany(small);
  const zombies = run();
  isFirst = false;
  await small.db
    .updateTable("sagas")
    .set({ due_at: after(small.clock.now(), -1) })
    .execute();
  const { begun } = await claim(small.otherWorker(), many);
  await Promise.all(begun.map((saga) => runSaga(small.otherWorker(), saga, never)));
  const finished = await small.db.selectFrom("sagas").selectAll().orderBy("id").execute();
  expect(finished.every(({ status, epoch }) => status === "completed" && epoch === 2)).toBe(true);
  thaw();
  await zombies;
  expect(await small.db.selectFrom("sagas").selectAll().orderBy("id").execute()).toEqual(finished);
  expect((await small.pool.query("select count(*)::int n from made")).rows).toEqual([{ n: many }]);
});

test("a connection that dies with outcomes in flight loses none, and nothing is done twice", async () => {
  const runs: string[] = [];
  await using small = await smallEngine(
    [0, 1, 2].map((number) =>
      smallStep(`step_${number}`, async (_reads, io) => {
        runs.push(`${ofSaga(io)} ${number}`);
        return {};
      }),
    ),
  );
  const { run } = await takeMany(small);
  // Its commit takes a while: in the midst of it the connection goes.
  await small.pool.query(`
    create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.05); return null; end';
    create constraint trigger slow after insert on saga_log deferrable initially deferred for each row
      when (new.news -> 0 -> 'data' ->> 'name' = 'step_1') execute function slow()`);
  const running = run();
  const killed = await vi.waitUntil(
    async () =>
      (
        await small.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query = 'commit'`,
        )
      ).rowCount,
    { timeout: 20_000, interval: 10 },
  );
  expect(killed).toBeGreaterThan(0);
  await small.pool.query("drop trigger slow on saga_log");
  await running;
  // Those whose worker could not find out are taken over; here, at once.
  await small.db
    .updateTable("sagas")
    .set({ due_at: after(small.clock.now(), -1) })
    .where("due_at", "is not", null)
    .execute();
  const { begun } = await claim(small.otherWorker(), many);
  await Promise.all(begun.map((saga) => runSaga(small.otherWorker(), saga, never)));
  expect(countOf(await statuses(small), "completed")).toBe(many);
  expect(await gaps(small)).toBe(0);
  expect(new Set(runs).size).toBe(many * 3);
});

test("what was committed although nobody heard of it is not done again", async () => {
  const runs: string[] = [];
  await using small = await smallEngine(
    ["first", "second", "last"].map((name) =>
      smallStep(name, async (_reads, io) => {
        runs.push(`${ofSaga(io)} ${name}`);
        return {};
      }),
    ),
  );
  const { lane } = small.engine;
  /** Every answer to a commit is lost. */
  const deaf: Engine<object>["lane"] = {
    async commit(outcome) {
      const committed = await lane.commit(outcome);
      return "written" in committed ? { alone: { tried: committed.written } } : committed;
    },
  };
  const { run } = await takeMany(small, { ...small.engine, lane: deaf });
  await run();
  expect(countOf(await statuses(small), "completed")).toBe(many);
  expect(await gaps(small)).toBe(0);
  expect([runs.length, new Set(runs).size]).toEqual([many * 3, many * 3]);
});

test("cancels that come meanwhile are seen: each saga is completed, or undone as a whole", async () => {
  const undone = new Map<string, number>();
  await using small = await smallEngine(
    seven.map((step) => ({
      ...step,
      compensate: async (_reads: unknown, io: object) => {
        undone.set(ofSaga(io), (undone.get(ofSaga(io)) ?? 0) + 1);
      },
    })) as never,
  );
  const { ids, run } = await takeMany(small);
  const running = run();
  const asked = await Promise.all(
    ids.slice(0, many / 2).map((id) =>
      small.db
        .transaction()
        .execute((tx) => cancel(small.engine, tx, id, "enough"))
        .then(
          () => id,
          () => undefined,
        ),
    ),
  );
  await running;
  const accepted = asked.filter((id) => id !== undefined);
  expect(accepted.length).toBeGreaterThan(0);
  const all = await statuses(small);
  for (const [id, status] of all)
    expect([id, status]).toEqual([id, accepted.includes(id) ? "rolled_back" : "completed"]);
  expect([...undone.keys()].toSorted()).toEqual(accepted.toSorted());
  expect(await gaps(small)).toBe(0);
});
