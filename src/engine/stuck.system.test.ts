import { expect, test } from "vitest";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { retry } from "./commands.ts";
import { PermanentError } from "./failure.ts";

type Small = Awaited<ReturnType<typeof smallEngine>>;

/** A saga whose second step fails, and whose first cannot be undone while `locked` says so. */
function halfUndoable(locked: () => boolean) {
  const make = smallStep(
    "make",
    async () => ({}),
    async () => {
      if (locked()) throw new Error("no entry");
      return undefined;
    },
  );
  const fail = smallStep("fail", async () => {
    throw new PermanentError("broken", "the zone refused");
  });
  return smallEngine([make, fail]);
}

/** Runs it once, as a worker that gives an undo this many milliseconds. */
async function run(small: Small, id: string, patienceMs: number): Promise<void> {
  await small.run({ ...small.engine, patienceMs });
  expect(await small.saga(id)).toMatchObject({ lease_owner: null });
}

const retried = (small: Small, id: string) => small.db.transaction().execute((tx) => retry(small.engine, tx, id));
const steps = (small: Small) => small.steps();
const events = async (small: Small) =>
  (await small.db.selectFrom("saga_events").select("data").orderBy("sequence").execute()).map(({ data }) => data);

const cause = { code: "broken", message: "the zone refused", step: "fail" };
const obstacle = { code: "unexpected", message: "no entry", step: "make" };

test("a saga that cannot be undone tells both why it turned back and what it is stuck on", async () => {
  let locked = true;
  await using small = await halfUndoable(() => locked);
  const id = await small.begin();
  await run(small, id, -1);
  expect(await small.saga(id)).toMatchObject({ status: "stuck", error: cause, stuck_error: obstacle });
  expect(await steps(small)).toMatchObject([
    { name: "make", status: "compensation_failed", error: null, undo_error: obstacle },
    { name: "fail", status: "compensated", error: cause, undo_error: null },
  ]);
  expect((await events(small)).slice(-2)).toMatchObject([
    { name: "make", status: "compensation_failed", error: obstacle, undo_error: obstacle },
    { status: "stuck", error: obstacle, stuck_error: obstacle },
  ]);

  locked = false;
  await retried(small, id);
  expect(await small.saga(id)).toMatchObject({ status: "compensating", error: cause, stuck_error: null });
  await run(small, id, 10_000);
  expect(await small.saga(id)).toMatchObject({ status: "rolled_back", error: cause, stuck_error: null });
  expect((await steps(small)).map((step) => [step.error, step.undo_error])).toEqual([
    [null, null],
    [cause, null],
  ]);
});

test("a retry begins anew: tried at once, and again soon, however often it had been tried before", async () => {
  await using small = await halfUndoable(() => true);
  const id = await small.begin();
  await run(small, id, -1);
  await small.db.updateTable("saga_steps").set({ undo_attempts: 6 }).where("name", "=", "make").execute();
  await retried(small, id);
  const before = small.clock.now().getTime();
  await run(small, id, 10_000);
  const [make] = await steps(small);
  expect(make).toMatchObject({ status: "compensating", undo_attempts: 1, undo_error: obstacle });
  expect(Number(make?.retry_at) - before).toBeLessThan(5000);
  expect(Number(make?.undo_deadline_at) - before).toBeGreaterThan(5000);
});
