import { describe, expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { until } from "#test/stack.ts";
import { giveBackAbsence, sayPresent } from "./attendance.ts";
import { PermanentError } from "./failure.ts";
import { snooze } from "./step.ts";

const minute = 60_000;

type Small = Awaited<ReturnType<typeof smallEngine>>;

async function run(small: Small, id: string): Promise<void> {
  await small.wake(id);
  await small.run({ ...small.engine, patienceMs: 30 * minute });
}

/** As if all of it, and the last word of any worker, had been so long ago. */
async function putBack({ pool }: Small, minutes: number): Promise<void> {
  const ago = `interval '${minutes} minutes'`;
  const times = ["started_at", "deadline_at", "undo_started_at", "undo_deadline_at", "retry_at"];
  await pool.query(`update saga_steps set ${times.map((it) => `${it} = ${it} - ${ago}`).join(", ")}`);
  await pool.query(
    `update sagas set step_started_at = step_started_at - ${ago}, step_deadline_at = step_deadline_at - ${ago}`,
  );
  await pool.query(`update attendance set attended_at = attended_at - ${ago}`);
}

const attended = async ({ db }: Small) =>
  (await db.selectFrom("attendance").selectAll().executeTakeFirst())?.attended_at;
const steps = (small: Small) => small.steps();
const minutesLeft = (small: Small, deadline: Date | null | undefined) =>
  Math.round((Number(deadline) - small.clock.now().getTime()) / minute);

/** One that waits for ever, in a step of 30 minutes. */
const waiting = (small: () => Small) => smallStep("wait", async () => snooze(small().clock.now(), "nothing"));

describe("nobody is there for 37 minutes", () => {
  test("the step has what it had left when somebody says that it is there again", async () => {
    await using small: Small = await smallEngine([waiting(() => small)]);
    const id = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await run(small, id);
    await putBack(small, 37);
    await sayPresent(small.db, small.clock.now());
    expect(minutesLeft(small, (await steps(small))[0]?.deadline_at)).toBe(30);
    await run(small, id);
    expect((await small.saga(id)).status).toBe("waiting");
  });

  test("a worker that was frozen, and says nothing before it goes on, gives the step its time back", async () => {
    await using small: Small = await smallEngine([waiting(() => small)]);
    const id = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await run(small, id);
    await putBack(small, 37);
    await run(small, id);
    expect((await small.saga(id)).status).toBe("waiting");
    expect(minutesLeft(small, (await steps(small))[0]?.deadline_at)).toBe(30);
  });

  test("what an attempt of before it ends in gives nothing up: it is tried again", async () => {
    let runs = 0;
    await using small: Small = await smallEngine([
      smallStep("only", async () => {
        runs += 1;
        if (runs > 1) return {};
        await putBack(small, 37);
        throw new PermanentError("too_late", "There was no time left");
      }),
    ]);
    const id = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await run(small, id);
    expect(await small.saga(id)).toMatchObject({ status: "waiting" });
    await run(small, id);
    expect(await small.saga(id)).toMatchObject({ status: "completed" });
  });

  test("an undo has what it had left", async () => {
    let undone = 0;
    await using small: Small = await smallEngine([
      smallStep(
        "make",
        async () => ({}),
        async () => {
          undone += 1;
          return undone < 3 ? (snooze(after(small.clock.now(), minute), "nothing") as never) : undefined;
        },
      ),
      smallStep("fail", async () => {
        throw new PermanentError("broken", "the zone refused");
      }),
    ]);
    const id = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await run(small, id);
    await putBack(small, 37);
    await run(small, id);
    expect(await small.saga(id)).toMatchObject({ status: "compensating", stuck_error: null });
    expect(minutesLeft(small, (await steps(small))[0]?.undo_deadline_at)).toBe(30);
    await putBack(small, 37);
    await run(small, id);
    expect((await small.saga(id)).status).toBe("rolled_back");
  });
});

test("time that was somebody's counts: a step that is overdue is given up", async () => {
  await using small: Small = await smallEngine([waiting(() => small)]);
  const id = await small.begin();
  await run(small, id);
  await putBack(small, 37);
  // Nobody was away: all that time somebody said so.
  await small.db.deleteFrom("attendance").execute();
  await sayPresent(small.db, small.clock.now());
  await run(small, id);
  expect(await small.saga(id)).toMatchObject({ status: "rolled_back", error: { code: "overdue" } });
});

describe("the provider is away as well", () => {
  /** The provider is found to be back now, and to have been away since so many seconds. */
  const isBack = (small: Small, seconds: number) =>
    small.db
      .transaction()
      .execute((tx) => giveBackAbsence(tx, small.clock.now(), after(small.clock.now(), -seconds * 1000)));

  test("who finds it away only when he comes back gives back all the time that he was away", async () => {
    await using small: Small = await smallEngine([waiting(() => small)]);
    const id = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await run(small, id);
    await putBack(small, 37);
    await isBack(small, 1);
    expect(minutesLeft(small, (await steps(small))[0]?.deadline_at)).toBe(30);
  });

  test.each([
    ["of the time before it was away somebody used all: only what it was away is given back", 6 * 60 - 15],
    ["who still worked while others found it away has used that time", 10 * 60],
  ])("%s", async (_what, awayForSeconds) => {
    await using small: Small = await smallEngine([waiting(() => small)]);
    const id = await small.begin();
    await run(small, id);
    await putBack(small, 20);
    await sayPresent(small.db, after(small.clock.now(), -6 * minute));
    await isBack(small, awayForSeconds);
    expect(minutesLeft(small, (await steps(small))[0]?.deadline_at)).toBe(16);
  });
});

describe("while the time is given back", () => {
  test("a step that comes to wait has it, which its saga told of until then", async () => {
    const arrived = Promise.withResolvers<void>();
    let runs = 0;
    await using small: Small = await smallEngine([
      smallStep("wait", async () => {
        runs += 1;
        if (runs === 2) await arrived.promise;
        return snooze(after(small.clock.now(), 60 * minute), "later");
      }),
    ]);
    const engine = { ...small.engine, patienceMs: 30 * minute };
    const other = await small.begin();
    await sayPresent(small.db, small.clock.now());
    await small.run(engine);
    await small.begin();
    const running = small.run(engine);
    await until("it to run", async () => runs === 2);
    await putBack(small, 37);
    // The steps' own rows are to be waited for.
    const client = await small.pool.connect();
    await client.query("begin");
    await client.query("select from saga_steps where saga_id = $1 for update", [other]);
    const giving = sayPresent(small.db, small.clock.now());
    await until("it to wait", async () => {
      const { rows } = await small.pool.query("select from pg_locks where not granted");
      return rows.length > 0;
    });
    arrived.resolve();
    await Promise.race([running, small.clock.sleep(300)]);
    await client.query("commit");
    client.release();
    await Promise.all([giving, running]);
    const rows = await small.db.selectFrom("saga_steps").select(["status", "deadline_at"]).execute();
    expect(rows.map(({ status, deadline_at }) => [status, minutesLeft(small, deadline_at)])).toEqual([
      ["waiting", 30],
      ["waiting", 30],
    ]);
  });

  test("many that fail wait for each other, and none for good", async () => {
    const many = 8;
    let runs = 0;
    const all = Promise.withResolvers<void>();
    await using small: Small = await smallEngine([
      smallStep("only", async () => {
        runs += 1;
        if (runs > many) return {};
        if (runs === many) {
          await putBack(small, 37);
          all.resolve();
        }
        await all.promise;
        throw new PermanentError("too_late", "There was no time left");
      }),
    ]);
    for (let number = 0; number < many; number += 1) await small.begin();
    await sayPresent(small.db, small.clock.now());
    // Each has a connection: none comes first because another has to be opened.
    await Promise.all(Array.from({ length: many + 1 }, () => small.pool.query("select pg_sleep(0.2)")));
    const warn = vi.spyOn(small.engine.log, "warn");
    await small.run({ ...small.engine, patienceMs: 30 * minute });
    const lost = warn.mock.calls.filter(([, words]) => String(words).includes("could not be written"));
    expect(lost).toEqual([]);
    const sagas = await small.db.selectFrom("sagas").select("status").execute();
    expect(sagas).toEqual(Array.from({ length: many }, () => ({ status: "waiting" })));
  });
});

test("two that come back at once give the time back once", async () => {
  await using small: Small = await smallEngine([waiting(() => small)]);
  const id = await small.begin();
  await sayPresent(small.db, small.clock.now());
  await run(small, id);
  await putBack(small, 37);
  await Promise.all(Array.from({ length: 8 }, () => sayPresent(small.db, small.clock.now())));
  expect(minutesLeft(small, (await steps(small))[0]?.deadline_at)).toBe(30);
});

test("a short pause is none, and however many workers say it, it is written twice a beat at most", async () => {
  await using small: Small = await smallEngine([waiting(() => small)]);
  const id = await small.begin();
  await sayPresent(small.db, small.clock.now());
  await run(small, id);
  const before = (await steps(small))[0]?.deadline_at;
  const start = await attended(small);
  for (let seconds = 1; seconds < 20; seconds += 1)
    await sayPresent(small.db, after(start ?? small.clock.now(), seconds * 1000));
  expect((await steps(small))[0]?.deadline_at).toEqual(before);
  expect(await attended(small)).toEqual(after(start ?? small.clock.now(), 15_000));
});
