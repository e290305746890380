import { describe, expect, test } from "vitest";
import { z } from "zod";
import { after } from "#clock.ts";
import { smallEngine } from "#test/small-engine.ts";
import { cancel, retry } from "./commands.ts";
import { start } from "./start.ts";
import { PermanentError } from "./failure.ts";
import { anySaga, Saga } from "./saga.ts";
import { snooze } from "./step.ts";

const done = async () => ({});
const refuse = async () => {
  throw new PermanentError("refused", "no");
};

type Execute = (reads: unknown, io: object) => Promise<object>;

/** A saga of prepare, switch and tidy, whose pivot is `switch`, as these do it; and what it undid. */
async function pivoted(executes: { prepare?: Execute; switch?: Execute; tidy?: Execute }) {
  const undone: string[] = [];
  const step = <const Name extends keyof typeof executes>(name: Name) => ({
    name,
    writes: z.object({}),
    execute: executes[name] ?? done,
    compensate: async () => void undone.push(name),
  });
  const small = await smallEngine([]);
  const saga = new Saga<unknown, { readonly input: unknown }, object>("small", z.unknown())
    .step(step("prepare"))
    .pivot(step("switch"))
    .step(step("tidy"));
  const engine = { ...small.engine, sagas: new Map([["small", anySaga(saga)]]) };
  const desk = small.engine;
  const id = await small.db.transaction().execute((tx) => start(desk, tx, saga, {}));
  return {
    undone,
    saga: () => small.saga(id),
    async run(patienceMs = 10_000) {
      await small.wake(id);
      await small.run({ ...engine, patienceMs });
    },
    cancel: () => small.db.transaction().execute((tx) => cancel(desk, tx, id, "enough")),
    retry: () => small.db.transaction().execute((tx) => retry(desk, tx, id)),
    soon: () => after(small.clock.now(), -1),
    [Symbol.asyncDispose]: () => small[Symbol.asyncDispose](),
  };
}

describe("before its pivot, a saga", () => {
  test("is rolled back by a failure", async () => {
    await using it = await pivoted({ prepare: refuse });
    await it.run();
    expect(await it.saga()).toMatchObject({ status: "rolled_back", pivot: 1 });
    expect(it.undone).toEqual(["prepare"]);
  });

  test("can be cancelled, and does not begin its pivot then", async () => {
    let switched = 0;
    await using it = await pivoted({
      async prepare() {
        await it.cancel();
        return {};
      },
      async switch() {
        switched += 1;
        return {};
      },
    });
    await it.run();
    expect(await it.saga()).toMatchObject({ status: "rolled_back", error: { code: "cancelled" } });
    expect([switched, it.undone]).toEqual([0, ["prepare"]]);
  });
});

describe("from its pivot on, a saga", () => {
  test.each(["switch", "tidy"] as const)(
    "is stuck on a failure of %s, and goes on when it is retried",
    async (name) => {
      let refuses = true;
      await using it = await pivoted({ [name]: async () => (refuses ? refuse() : {}) });
      // A refusal is tried again as long as there is time.
      await it.run();
      expect(await it.saga()).toMatchObject({ status: "waiting", direction: "forward" });
      await it.run(-1);
      await it.retry().catch(() => undefined);
      refuses = false;
      for (let times = 0; times < 3; times += 1) await it.run();
      expect(await it.saga()).toMatchObject({ status: "completed" });
      expect(it.undone).toEqual([]);
    },
  );

  test("calls a human when its time is over", async () => {
    await using it = await pivoted({ switch: refuse });
    await it.run(-1);
    expect(await it.saga()).toMatchObject({ status: "stuck", direction: "forward", stuck_error: { code: "refused" } });
    expect(it.undone).toEqual([]);
  });

  test.each(["switch", "tidy"] as const)(
    "cannot be cancelled while it is in %s, and is told where it is",
    async (name) => {
      await using it = await pivoted({ [name]: async () => snooze(it.soon(), "a while") });
      await it.run();
      await expect(it.cancel()).rejects.toMatchObject({
        code: "not_cancellable",
        message: expect.stringMatching(/has come to switch, from which on a small goes forward only/),
      });
      expect(await it.saga()).toMatchObject({ status: "waiting", cancel_requested_at: null });
    },
  );
});

test("what follows the pivot does not end in a rollback because a cancel came before it", async () => {
  await using it = await pivoted({
    async tidy() {
      await it.cancel().catch(() => undefined);
      return {};
    },
  });
  await it.run();
  expect(await it.saga()).toMatchObject({ status: "completed" });
});

test("a saga has one pivot", () => {
  const step = <const Name extends string>(name: Name) => ({
    name,
    writes: z.object({}),
    execute: done,
    compensate: async () => undefined,
  });
  const saga = new Saga<unknown, { readonly input: unknown }, object>("small", z.unknown()).pivot(step("one"));
  expect(() => saga.pivot(step("two"))).toThrow("small has its pivot already, one");
});
