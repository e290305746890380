import { expect, test } from "vitest";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { PermanentError } from "./failure.ts";
import { inTransaction, snooze } from "./step.ts";

type Small = Awaited<ReturnType<typeof smallEngine>>;

/** Lets a worker run the saga as often as it asks to be run, at once; a saga that never ends is told. */
async function runToEnd(small: Small, id: string): Promise<void> {
  for (let times = 0; times < 40; times += 1) {
    const { status } = await small.saga(id);
    if (["completed", "rolled_back", "stuck"].includes(status)) return;
    // Each pause is over at once: how long they are is not what this is about.
    await small.db.updateTable("saga_steps").set({ retry_at: null }).where("status", "=", "compensating").execute();
    await small.wake(id);
    await small.run();
  }
  throw new Error("The saga does not end");
}

const steps = (small: Small) => small.steps();

const nul = "a name with \0 in it";
const half = "half a pair: \ud83d";
const readable = [
  ["NUL", nul, "a name with \uFFFD in it"],
  ["a lone surrogate", half, "half a pair: \uFFFD"],
] as const;

test.each([
  ["an output with NUL", async () => ({ name: nul })],
  ["an output with a lone surrogate", async () => ({ name: half })],
  ["an output that is no JSON", async () => ({ size: 1n })],
  ["a number that its column cannot hold", async () => overflow()],
])("%s is a failed try: the budget is used up, and the saga rolls back", async (_what, execute) => {
  let runs = 0;
  await using small = await smallEngine([
    smallStep("only", async () => {
      runs += 1;
      return (await execute()) as never;
    }),
  ]);
  const id = await small.begin();
  await runToEnd(small, id);
  expect(runs).toBe(8);
  expect(await small.saga(id)).toMatchObject({ status: "rolled_back", error: { code: "unexpected", step: "only" } });
});

const overflow = () =>
  inTransaction(async (tx) => {
    await tx
      .updateTable("sagas")
      .set({ position: 2 ** 40 })
      .execute();
    return {};
  });

test.each(readable)("an error whose words have %s is told in words that can be stored", async (_what, raw, told) => {
  await using small = await smallEngine([
    smallStep("only", async () => {
      throw new PermanentError("refused", raw);
    }),
  ]);
  const id = await small.begin();
  await runToEnd(small, id);
  expect(await small.saga(id)).toMatchObject({
    status: "rolled_back",
    error: { code: "refused", message: told, step: "only" },
  });
});

test.each(readable)("a wait and a note whose words have %s are stored", async (_what, raw, told) => {
  let runs = 0;
  await using small = await smallEngine([
    smallStep("only", async (_reads, io) => {
      await io.note(raw);
      runs += 1;
      return runs < 2 ? snooze(small.clock.now(), raw) : {};
    }),
  ]);
  const id = await small.begin();
  await small.wake(id);
  await small.run();
  expect(await small.saga(id)).toMatchObject({ status: "waiting", waiting_for: told });
  await runToEnd(small, id);
  expect((await small.saga(id)).status).toBe("completed");
  const notes = await small.db.selectFrom("saga_events").select("data").where("type", "=", "step").execute();
  expect(notes).toContainEqual({ data: { name: "only", status: "running", note: told } });
});

test("a wait for what is not the step's own is told in words that can be stored", async () => {
  await using small = await smallEngine([
    smallStep("only", async () => {
      throw new Error("refused");
    }),
  ]);
  const id = await small.begin();
  const diagnose = async () => ({ kind: "wait" as const, until: small.clock.now(), waitingFor: nul });
  await small.run({ ...small.engine, diagnose });
  expect(await small.saga(id)).toMatchObject({ status: "waiting", waiting_for: "a name with \uFFFD in it" });
});

test("an intent that cannot be stored is a failed try, and nothing is done after it", async () => {
  let acts = 0;
  await using small = await smallEngine([
    smallStep("only", async (_reads, io) => {
      await io.intend({ name: nul });
      acts += 1;
      return {};
    }),
  ]);
  const id = await small.begin();
  await runToEnd(small, id);
  expect(acts).toBe(0);
  expect(await small.saga(id)).toMatchObject({ status: "rolled_back", error: { step: "only" } });
  expect(await steps(small)).toMatchObject([{ attempts: 8, intent: null }]);
});

test("an undo whose end cannot be written is tried again, and in the end a human is called", async () => {
  let undone = 0;
  const make = smallStep(
    "make",
    async () => ({}),
    async () => {
      undone += 1;
      return inTransaction(async (tx) => {
        await tx.updateTable("sagas").set({ cancel_reason: nul }).execute();
      }) as never;
    },
  );
  const fail = smallStep("fail", async () => {
    throw new PermanentError("broken", "the zone refused");
  });
  await using small = await smallEngine([make, fail]);
  const id = await small.begin();
  await small.wake(id);
  await small.run();
  expect(await steps(small)).toMatchObject([
    { name: "make", status: "compensating", undo_attempts: 1, undo_error: { code: "unexpected", step: "make" } },
    { name: "fail", status: "compensated" },
  ]);
  // Its time is over.
  await small.db
    .updateTable("saga_steps")
    .set({ undo_deadline_at: new Date(0) })
    .execute();
  await runToEnd(small, id);
  expect(await small.saga(id)).toMatchObject({ status: "stuck", stuck_error: { step: "make" } });
  expect(undone).toBe(2);
});
