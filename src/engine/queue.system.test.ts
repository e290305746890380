import { expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { Superseded } from "./failure.ts";

const nothing = [smallStep("only", async () => ({}))];

test("several wake-ups of a saga are one, and the last word sets its time", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const later = after(small.clock.now(), 60_000);
  await small.wake(id, later);
  expect(await small.queue.fetch(10)).toEqual([]);
  expect(await small.jobs(id)).toMatchObject([{ state: "created", start_after: later }]);
  await small.wake(id);
  expect(await small.queue.fetch(10)).toMatchObject([{ sagaId: id }]);
});

test("a wake-up that comes while the saga runs is kept until that run is over", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const [job] = await small.queue.fetch(10);
  await small.wake(id);
  await small.wake(id);
  expect((await small.jobs(id)).map((it) => it.state)).toEqual(["active", "created"]);
  await small.db.transaction().execute((tx) => small.queue.complete(tx, id, job?.id ?? ""));
  const again = await small.queue.fetch(10);
  expect(again).toHaveLength(1);
  expect(again[0]?.id).not.toBe(job?.id);
});

test("a chore that is put off comes back at its time, once, however often it is asked for until then", async () => {
  await using small = await smallEngine(nothing);
  const request = () => small.db.transaction().execute((tx) => small.queue.requestChore(tx, "sync"));
  await request();
  const chore = await small.queue.fetchChore();
  if (!chore) throw new Error("The chore was not there");
  await small.queue.putOffChore(chore, after(small.clock.now(), 1500));
  await request();
  expect(await small.queue.fetchChore()).toBeUndefined();
  const again = await vi.waitFor(async () => (await small.queue.fetchChore()) ?? Promise.reject(new Error("not yet")), {
    timeout: 20_000,
  });
  expect(again.name).toBe("sync");
  expect(again.id).not.toBe(chore.id);
  expect(await small.queue.fetchChore()).toBeUndefined();
});

test("a wake-up in a transaction that fails was never there", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const [job] = await small.queue.fetch(10);
  await expect(
    small.db.transaction().execute(async (tx) => {
      await small.queue.complete(tx, id, job?.id ?? "");
      await small.queue.wake(tx, id, small.clock.now());
      throw new Error("refused");
    }),
  ).rejects.toThrow("refused");
  expect(await small.jobs(id)).toMatchObject([{ id: job?.id, state: "active" }]);
});

test("a wake-up whose worker died comes back under another id, and its zombie completes nothing", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const [job] = await small.queue.fetch(10);
  // The worker's heartbeat stopped long ago.
  await small.pool.query("update pgboss.job set heartbeat_on = now() - interval '1 minute' where id = $1", [job?.id]);
  const lost = await vi.waitUntil(async () => (await small.queue.fetchLost())[0], { timeout: 20_000, interval: 200 });
  expect(lost.sagaId).toBe(id);
  await small.db.transaction().execute(async (tx) => {
    await small.queue.wake(tx, id, small.clock.now());
    await small.queue.completeLost(tx, lost.id);
  });
  const [fresh] = await small.queue.fetch(10);
  expect(fresh?.id).not.toBe(job?.id);
  expect(await small.queue.touch([job?.id ?? "", fresh?.id ?? ""])).toEqual([job?.id]);
  const zombie = small.db.transaction().execute((tx) => small.queue.complete(tx, id, job?.id ?? ""));
  await expect(zombie).rejects.toThrow(Superseded);
  expect((await small.jobs(id)).find((it) => it.id === fresh?.id)?.state).toBe("active");
});
