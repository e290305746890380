import { expect, test } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { advance } from "./advance.ts";
import { claim } from "./claim.ts";
import { Superseded } from "./failure.ts";
import { change, fenced, write } from "./turn.ts";

const never = new AbortController().signal;
const ignore = (): void => undefined;

test("a saga whose lease runs is left to its worker, and looked at again when the lease ends", async () => {
  await using small = await smallEngine([smallStep("only", async () => ({}))]);
  const id = await small.begin();
  const [job] = await small.queue.fetch(1);
  const turn = await claim(small.engine, id, job?.id ?? "");
  expect(turn?.saga).toMatchObject({ status: "running", epoch: 1, lease_owner: small.engine.workerId });
  await small.wake(id);
  const [second] = await small.queue.fetch(1);
  expect(await claim(small.otherWorker(), id, second?.id ?? "")).toBeUndefined();
  const { lease_expires_at: expiry } = await small.saga(id);
  expect((await small.jobs(id)).filter((it) => it.state === "created")).toMatchObject([{ start_after: expiry }]);
});

test("a worker whose lease ran out while it worked writes nothing any more", async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const written: string[] = [];
  const tell = (what: Promise<void>) =>
    what.then(
      () => written.push("written"),
      (error: unknown) => written.push(error instanceof Superseded ? "refused" : String(error)),
    );
  let runs = 0;
  await using small = await smallEngine([
    smallStep("only", async (_, io) => {
      runs += 1;
      if (runs > 1) return {};
      await io.intend({ run: "the first" });
      reach();
      await held;
      // Thawed: neither an intent nor a note nor an outcome of it may count.
      await tell(io.intend({ run: "late" }));
      await tell(io.note("late"));
      return {};
    }),
  ]);
  const id = await small.begin();
  const [job] = await small.queue.fetch(1);
  const zombie = advance(small.engine, job!, never, ignore);
  await reached;
  await small.db
    .updateTable("sagas")
    .set({ lease_expires_at: after(small.clock.now(), -1) })
    .execute();
  await small.wake(id);
  const [fresh] = await small.queue.fetch(1);
  await advance(small.otherWorker(), fresh!, never, ignore);
  const finished = await small.saga(id);
  expect(finished).toMatchObject({ status: "completed", epoch: 2 });
  letGo();
  await zombie;
  expect(written).toEqual(["refused", "refused"]);
  expect(await small.saga(id)).toEqual(finished);
  const [step] = await small.db.selectFrom("saga_steps").selectAll().execute();
  expect(step).toMatchObject({ attempts: 2, intent: { run: "the first" } });
});

test("an old epoch of the same worker is refused too", async () => {
  await using small = await smallEngine([smallStep("only", async () => ({}))]);
  const id = await small.begin();
  const [job] = await small.queue.fetch(1);
  const old = await claim(small.engine, id, job?.id ?? "");
  await small.db.updateTable("sagas").set({ lease_expires_at: null }).execute();
  await small.wake(id);
  const [second] = await small.queue.fetch(1);
  await claim(small.engine, id, second?.id ?? "");
  const late = fenced(small.engine, old!, (tx, held) => write(tx, change(held, { waiting_for: "late" }), new Date()));
  await expect(late).rejects.toThrow(Superseded);
  expect((await small.saga(id)).waiting_for).toBeNull();
});

test("a lease that ends later than any can, written by a clock that was wrong, binds nobody", async () => {
  await using small = await smallEngine([smallStep("only", async () => ({}))]);
  const id = await small.begin();
  const [job] = await small.queue.fetch(1);
  await claim(small.engine, id, job?.id ?? "");
  const tomorrow = after(small.clock.now(), 24 * 3_600_000);
  await small.db.updateTable("sagas").set({ lease_expires_at: tomorrow }).execute();
  await small.wake(id);
  const [second] = await small.queue.fetch(1);
  expect((await claim(small.otherWorker(), id, second?.id ?? ""))?.saga.epoch).toBe(2);
});
