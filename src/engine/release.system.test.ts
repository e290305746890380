import { describe, expect, test } from "vitest";
import { z } from "zod";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { cancel, resolve, retry } from "./commands.ts";
import { Saga } from "./saga.ts";
import { unknownPatienceMs } from "./unknown-step.ts";

// Sagas in flight meet another release: one that has other steps, or does not know them.

const nothing = async () => ({});
const notYet = async () => {
  throw new Error("not yet");
};

type Small = Awaited<ReturnType<typeof smallEngine>>;

/** A worker of a release whose saga has these steps. */
const workerWith = (small: Small, steps: readonly ReturnType<typeof smallStep>[]): Small["engine"] => {
  const saga = new Saga<unknown, { readonly input: unknown }, object, never>("small", z.unknown(), { steps });
  return { ...small.otherWorker(), sagas: new Map([["small", saga]]) };
};

async function run(small: Small, engine: Small["engine"], id: string): Promise<void> {
  await small.wake(id);
  await small.run(engine);
}

test("what was done is undone by the step of its name, wherever another release has it", async () => {
  const undone: string[] = [];
  const step = (name: string, execute: typeof nothing = nothing) =>
    smallStep(name, execute, async () => void undone.push(name));
  const [first, make, wait] = [step("first"), step("make"), step("wait", notYet)];
  await using small = await smallEngine([first, make, wait]);
  const id = await small.begin();
  await run(small, small.engine, id);
  await small.db.updateTable("sagas").set({ direction: "back", status: "compensating" }).execute();
  await run(small, workerWith(small, [first, step("added"), make, wait]), id);
  expect((await small.saga(id)).status).toBe("rolled_back");
  expect(undone).toEqual(["wait", "make", "first"]);
});

describe("a step that the release does not have", () => {
  const first = smallStep("first", nothing);
  const old = (execute: typeof nothing) => smallStep("old", execute);
  const renamed = (small: Small) => workerWith(small, [first, smallStep("renamed", nothing)]);

  /** Its second step is known to its own release only, which has begun it. */
  async function underWay() {
    const small = await smallEngine([first, old(notYet)]);
    const id = await small.begin();
    await run(small, small.engine, id);
    return { small, id };
  }
  /** As long after as all workers together are waited for. */
  const later = (small: Small): Small["engine"]["clock"] => ({
    ...small.clock,
    now: () => after(small.clock.now(), unknownPatienceMs + 1000),
  });
  const known = (sagas: Small["engine"]["sagas"]) => ({
    definitionOf: (name: string) => sagas.get(name),
    endsByHand: () => true,
  });
  const desk = (small: Small) => small.engine;

  test("is left to a worker that knows it: the saga is given back, and has its whole time", async () => {
    const { small, id } = await underWay();
    await using _ = small;
    await run(small, renamed(small), id);
    expect(await small.saga(id)).toMatchObject({
      status: "waiting",
      waiting_for: "a worker whose release knows step old",
      lease_owner: null,
    });
    const [, step] = await small.db.selectFrom("saga_steps").selectAll().orderBy("position").execute();
    expect(step).toMatchObject({ name: "old", attempts: 1, deadline_at: null });
    expect(Number((await small.saga(id)).due_at)).toBeGreaterThan(small.clock.now().getTime());
    await run(small, workerWith(small, [first, old(nothing)]), id);
    expect(await small.saga(id)).toMatchObject({ status: "completed", known_by: null });
  });

  test("that nobody knows for ten minutes calls a human; a retry lets a worker that knows it go on", async () => {
    const { small, id } = await underWay();
    await using _ = small;
    await run(small, renamed(small), id);
    await run(small, renamed(small), id);
    expect((await small.saga(id)).status).toBe("waiting");
    await run(small, { ...renamed(small), clock: later(small) }, id);
    expect(await small.saga(id)).toMatchObject({ status: "stuck", error: { code: "unknown_step", step: "old" } });
    await small.db.transaction().execute((tx) => retry(desk(small), tx, id));
    await run(small, renamed(small), id);
    expect((await small.saga(id)).status).toBe("waiting");
    await run(small, workerWith(small, [first, old(nothing)]), id);
    expect((await small.saga(id)).status).toBe("completed");
  });

  test("counts as done by hand when an operator says so", async () => {
    const { small, id } = await underWay();
    await using _ = small;
    await run(small, renamed(small), id);
    await run(small, { ...renamed(small), clock: later(small) }, id);
    const { sagas } = renamed(small);
    const word = { reason: "it was done", by: "somebody" };
    await small.db.transaction().execute((tx) => resolve(desk(small), tx, known(sagas), id, word));
    expect((await small.saga(id)).status).toBe("completed");
  });

  test("in the middle counts as done by hand too: the saga goes on with what comes after it", async () => {
    const [mid, last] = [smallStep("mid", notYet), smallStep("last", nothing)];
    await using small = await smallEngine([first, mid, last]);
    const id = await small.begin();
    await run(small, small.engine, id);
    const without = workerWith(small, [first, last]);
    await run(small, without, id);
    await run(small, { ...without, clock: later(small) }, id);
    const word = { reason: "it was done", by: "somebody" };
    await small.db.transaction().execute((tx) => resolve(desk(small), tx, known(without.sagas), id, word));
    await run(small, without, id);
    expect((await small.saga(id)).status).toBe("completed");
  });

  test("and whose undo nobody knows counts as undone when an operator says so", async () => {
    const { small, id } = await underWay();
    await using _ = small;
    await small.db.transaction().execute((tx) => cancel(desk(small), tx, id, "enough"));
    await run(small, renamed(small), id);
    await run(small, { ...renamed(small), clock: later(small) }, id);
    expect(await small.saga(id)).toMatchObject({ status: "stuck", stuck_error: { code: "unknown_step", step: "old" } });
    await small.db.updateTable("sagas").set({ direction: "back" }).execute();
    const { sagas } = renamed(small);
    const word = { reason: "it was undone", by: "somebody" };
    await small.db.transaction().execute((tx) => resolve(desk(small), tx, known(sagas), id, word));
    await run(small, renamed(small), id);
    expect((await small.saga(id)).status).toBe("rolled_back");
  });

  test("is still known when it was retired, and what it wrote is read", async () => {
    const seen: unknown[] = [];
    const find = smallStep("find", async () => ({ found: 7 }) as never);
    const use = (execute: Parameters<typeof smallStep>[1]) => smallStep("use", execute);
    await using small = await smallEngine([find, use(notYet)]);
    const id = await small.begin();
    await run(small, small.engine, id);
    const saga = new Saga<unknown, { readonly input: unknown }, object, never>("small", z.unknown(), {
      steps: [
        use(async (reads) => {
          seen.push(reads);
          return {};
        }),
      ],
    }).retire(find);
    await run(small, { ...small.otherWorker(), sagas: new Map([["small", saga]]) }, id);
    expect((await small.saga(id)).status).toBe("completed");
    expect(seen).toEqual([{ input: {}, found: 7 }]);
  });
});

test("a release that has more steps, in another order, finishes a saga by the plan that it began with", async () => {
  const ran: string[] = [];
  const step = (name: string) =>
    smallStep(name, async () => {
      ran.push(name);
      return {};
    });
  const [a, b, c] = [step("a"), step("b"), step("c")];
  await using small = await smallEngine([a, b, c]);
  const id = await small.begin();
  await run(small, workerWith(small, [c, step("added"), b, a, step("last")]), id);
  expect(ran).toEqual(["a", "b", "c"]);
  expect((await small.saga(id)).status).toBe("completed");
});

test("a saga that the release does not know waits for a worker that does", async () => {
  await using small = await smallEngine([smallStep("only", nothing)]);
  const id = await small.begin();
  await run(small, { ...small.otherWorker(), sagas: new Map() }, id);
  expect((await small.saga(id)).status).toBe("waiting");
  expect((await small.saga(id)).due_at).not.toBeNull();
  await run(small, small.engine, id);
  expect((await small.saga(id)).status).toBe("completed");
});

test("a worker whose clock is behind takes a saga once its own clock has come to that time", async () => {
  await using small = await smallEngine([smallStep("only", nothing)]);
  const id = await small.begin();
  const behind = { ...small.clock, now: () => after(small.clock.now(), -60_000) };
  expect(await small.run({ ...small.engine, clock: behind })).toBe(0);
  expect((await small.saga(id)).status).toBe("pending");
  expect(await small.run()).toBe(1);
});
