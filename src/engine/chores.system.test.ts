import { expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine } from "#test/small-engine.ts";
import { type Chore, type ChoreQueue, choreQueue } from "./chores.ts";

/** What workers rely on, and the proofs' workers too: they have this queue. */
async function openQueue() {
  const small = await smallEngine([]);
  return {
    queue: small.queue,
    request: () => small.db.transaction().execute((tx) => small.queue.requestChore(tx, "sync")),
    now: () => small.clock.now(),
    [Symbol.asyncDispose]: () => small[Symbol.asyncDispose](),
  };
}

const take = async (queue: ChoreQueue): Promise<Chore | undefined> => (await queue.fetchChores())[0];
const taken = async (queue: ChoreQueue): Promise<Chore> => {
  const chore = await take(queue);
  if (!chore) throw new Error("The chore was not there");
  return chore;
};
const soon = { timeout: 20_000 };

test("a chore is one worker's, however often it is asked for before", async () => {
  await using ground = await openQueue();
  for (let times = 0; times < 3; times += 1) await ground.request();
  expect(await take(ground.queue)).toMatchObject({ name: "sync" });
  expect(await take(ground.queue)).toBeUndefined();
});

test("what is asked for while it is done is done once more", async () => {
  await using ground = await openQueue();
  await ground.request();
  const first = await taken(ground.queue);
  await ground.request();
  await ground.queue.completeChore(first);
  const again = await taken(ground.queue);
  expect(again.name).toBe("sync");
  expect(again.begun).not.toBe(first.begun);
});

test("a chore that is put off comes back at its time, once, however often it is asked for", async () => {
  await using ground = await openQueue();
  await ground.request();
  const chore = await taken(ground.queue);
  await ground.queue.putOffChore(chore, after(ground.now(), 1500));
  await ground.request();
  expect(await take(ground.queue)).toBeUndefined();
  const again = await vi.waitFor(async () => (await take(ground.queue)) ?? Promise.reject(new Error("not yet")), soon);
  expect(again.name).toBe("sync");
  expect(again.begun).not.toBe(chore.begun);
  expect(await take(ground.queue)).toBeUndefined();
});

test("what is done is gone", async () => {
  await using ground = await openQueue();
  await ground.request();
  await ground.queue.completeChore(await taken(ground.queue));
  expect(await take(ground.queue)).toBeUndefined();
});

test("a chore comes at the times of its line, one that nobody was there for once, and no sooner than it was put off to", async () => {
  await using small = await smallEngine([]);
  const { db } = small;
  let now = new Date("2026-11-27T12:00:30Z");
  const queue = choreQueue(db, { ...small.clock, now: () => now });
  await queue.schedule(new Map(Object.entries({ recheck: "* * * * *", sync: "*/15 * * * *" })));
  expect(await queue.nextChoreAt()).toEqual(new Date("2026-11-27T12:01:00Z"));
  expect(await queue.fetchChores()).toEqual([]);
  now = new Date("2026-11-27T12:47:10Z");
  const late = await queue.fetchChores();
  expect(late.map(({ name }) => name).toSorted()).toEqual(["recheck", "sync"]);
  expect(await queue.fetchChores()).toEqual([]);
  expect(await queue.nextChoreAt()).toEqual(new Date("2026-11-27T12:48:00Z"));
  const recheck = late.find(({ name }) => name === "recheck") as Chore;
  await queue.putOffChore(recheck, new Date("2026-11-27T12:48:20Z"));
  now = new Date("2026-11-27T12:48:10Z");
  expect(await queue.fetchChores()).toEqual([]);
  now = new Date("2026-11-27T12:48:20Z");
  expect((await queue.fetchChores()).map(({ name }) => name)).toEqual(["recheck"]);
  // A release without one of them: nobody does it any more, and the others keep their times.
  await queue.schedule(new Map([["sync", "*/15 * * * *"]]));
  expect(await db.selectFrom("chores").select(["name", "due_at"]).execute()).toEqual([
    { name: "sync", due_at: new Date("2026-11-27T13:00:00Z") },
  ]);
});

test("of several workers one takes a chore, and whoever asked for it sees when it is over", async () => {
  await using small = await smallEngine([]);
  const asked = async () => (await small.db.selectFrom("chores").select("asked").executeTakeFirstOrThrow()).asked;
  const others = Array.from({ length: 5 }, () => choreQueue(small.db, small.clock));
  await small.db.transaction().execute((tx) => small.queue.requestChore(tx, "sync"));
  const all = (await Promise.all(others.map((queue) => queue.fetchChores()))).flat();
  expect(all).toEqual([{ name: "sync", begun: 1, asked: true }]);
  expect(await asked()).toBe(1);
  await small.db.transaction().execute((tx) => small.queue.requestChore(tx, "sync"));
  await small.queue.completeChore(all[0] as Chore);
  expect(await asked()).toBe(2);
  await small.queue.completeChore(await taken(small.queue));
  expect(await asked()).toBeNull();
});
