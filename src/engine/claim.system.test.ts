import { expect, test } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { claim } from "./claim.ts";
import { change } from "./claimed-saga.ts";
import { Superseded } from "./failure.ts";
import { fenced, writeOne } from "./fence.ts";

const nothing = [smallStep("only", async () => ({}))];

test("a saga whose lease runs is left to its worker, and taken over when the lease is over", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const [begun] = (await claim(small.engine, 1)).begun;
  expect(begun?.saga).toMatchObject({ status: "running", epoch: 1, lease_owner: small.engine.workerId });
  expect(await claim(small.otherWorker(), 1)).toEqual({ due: 0, begun: [] });
  const { due_at: ends } = await small.saga(id);
  const later = { ...small.clock, now: () => after(ends ?? small.clock.now(), 1) };
  const [over] = (await claim({ ...small.otherWorker(), clock: later }, 1)).begun;
  expect(over).toMatchObject({ saga: { id, epoch: 2 }, row: { attempts: 2 } });
});

test("sagas are taken in the order in which they are due, and of those that are due no more than asked for", async () => {
  await using small = await smallEngine(nothing);
  const ids = [await small.begin(), await small.begin(), await small.begin()];
  for (const [place, id] of ids.entries()) await small.wake(id, after(small.clock.now(), -1000 * (place + 1)));
  const taken = (await claim(small.engine, 2)).begun.map(({ saga }) => saga.id);
  expect(taken).toEqual([ids[2], ids[1]]);
  expect((await claim(small.engine, 10)).begun).toHaveLength(1);
});

test("two workers at once take each saga once", async () => {
  await using small = await smallEngine(nothing);
  for (let count = 0; count < 30; count += 1) await small.begin();
  const workers = [small.engine, small.otherWorker(), small.otherWorker()];
  const claims = await Promise.all(workers.map((worker) => claim(worker, 20)));
  const taken = claims.flatMap(({ begun }) => begun.map(({ saga }) => saga.id));
  expect(new Set(taken).size).toBe(taken.length);
  const { epochs } = await small.db
    .selectFrom("sagas")
    .select((select) => select.fn.max("epoch").as("epochs"))
    .executeTakeFirstOrThrow();
  expect(epochs).toBe(1);
});

test("a saga that cannot be taken up does not keep the others waiting", async () => {
  await using small = await smallEngine(nothing);
  const [odd, plain] = [await small.begin(), await small.begin()];
  await small.wake(odd, after(small.clock.now(), -60_000));
  await small.pool.query(`
    create function refuse() returns trigger language plpgsql as 'begin raise exception ''not this one''; end';
    create trigger refuse before update of epoch on sagas for each row
      when (old.id = '${odd}' and new.epoch <> old.epoch) execute function refuse()`);
  for (let times = 0; times < 3; times += 1) await small.run();
  expect((await small.saga(plain)).status).toBe("completed");
  const { status, due_at: due } = await small.saga(odd);
  expect(status).toBe("pending");
  expect(Number(due)).toBeGreaterThan(small.clock.now().getTime());
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
  const zombie = small.run();
  await reached;
  await small.wake(id, after(small.clock.now(), -1));
  await small.run(small.otherWorker());
  const finished = await small.saga(id);
  expect(finished).toMatchObject({ status: "completed", epoch: 2 });
  letGo();
  await zombie;
  expect(written).toEqual(["refused", "refused"]);
  expect(await small.saga(id)).toEqual(finished);
  expect(await small.steps()).toMatchObject([{ attempts: 2, intent: { run: "the first" } }]);
});

test("an old epoch of the same worker is refused too", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const [old] = (await claim(small.engine, 1)).begun;
  await small.wake(id, after(small.clock.now(), -1));
  await claim(small.engine, 1);
  const late = fenced(small.engine, old!, (tx, mine) => writeOne(tx, change(mine, { waiting_for: "late" })));
  await expect(late).rejects.toThrow(Superseded);
  expect((await small.saga(id)).waiting_for).toBeNull();
});
