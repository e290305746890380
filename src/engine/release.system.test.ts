import { expect, test } from "vitest";
import { z } from "zod";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { advance } from "./advance.ts";
import { Saga } from "./saga.ts";

// Sagas in flight meet another release: one that has other steps, or does not know them.

const never = new AbortController().signal;
const nothing = async () => ({});
const notYet = async () => {
  throw new Error("not yet");
};

type Small = Awaited<ReturnType<typeof smallEngine>>;

/** A worker of a release whose saga has these steps. */
const workerWith = (small: Small, steps: readonly ReturnType<typeof smallStep>[]): Small["engine"] => {
  const saga = new Saga<unknown, { readonly input: unknown }, object, never>("small", z.unknown(), {}, steps);
  return { ...small.otherWorker(), sagas: new Map([["small", saga]]) };
};

async function run(small: Small, engine: Small["engine"], id: string): Promise<void> {
  await small.wake(id);
  const [job] = await small.queue.fetch(1);
  if (job) await advance(engine, job, never, () => undefined);
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

test("a step that the release does not have calls a human, and keeps what was done before it", async () => {
  const first = smallStep("first", nothing);
  await using small = await smallEngine([first, smallStep("old", notYet)]);
  const id = await small.begin();
  await run(small, small.engine, id);
  await run(small, workerWith(small, [first, smallStep("renamed", nothing)]), id);
  expect(await small.saga(id)).toMatchObject({ status: "stuck", error: { code: "unknown_step", step: "old" } });
  const steps = await small.db.selectFrom("saga_steps").select(["name", "status"]).orderBy("position").execute();
  expect(steps[0]).toEqual({ name: "first", status: "completed" });
});

test("a saga that the release does not know waits for a worker that does", async () => {
  await using small = await smallEngine([smallStep("only", nothing)]);
  const id = await small.begin();
  await run(small, { ...small.otherWorker(), sagas: new Map() }, id);
  expect((await small.saga(id)).status).toBe("pending");
  expect((await small.jobs(id)).filter((job) => job.state === "created")).toHaveLength(1);
  await run(small, small.engine, id);
  expect((await small.saga(id)).status).toBe("completed");
});

test("a worker whose clock is behind waits for the time that the saga asked for", async () => {
  await using small = await smallEngine([smallStep("only", nothing)]);
  const id = await small.begin();
  const [job] = await small.queue.fetch(1);
  const behind = { ...small.clock, now: () => new Date(small.clock.now().getTime() - 1500) };
  const slept: number[] = [];
  const clock = { ...behind, sleep: async (ms: number) => void slept.push(ms) };
  await advance({ ...small.engine, clock }, job!, never, () => undefined);
  expect(slept[0]).toBeGreaterThan(500);
  expect(slept[0]).toBeLessThanOrEqual(1500);
  expect((await small.saga(id)).status).toBe("completed");
});
