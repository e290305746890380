import { expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { Hold } from "./engine.ts";
import { type Chores, startWorker, type WorkerOptions } from "./worker.ts";

const nothing = [smallStep("only", async () => ({}))];
const patient = { timeout: 30_000 };

type Small = Awaited<ReturnType<typeof smallEngine>>;

type Perform = Chores["perform"];

const employ = (
  { engine, queue }: Small,
  { chore, ...options }: Pick<WorkerOptions, "mayTake" | "hears"> & { readonly chore: Perform },
) =>
  startWorker(engine, {
    slots: 10,
    chores: { queue, perform: chore },
    ...options,
  });

const request = (small: Small, name = "sync") =>
  small.db.transaction().execute((tx) => small.queue.requestChore(tx, name));
const row = ({ db }: Small) => db.selectFrom("chores").selectAll().executeTakeFirstOrThrow();

test("who may not take leaves sagas and chores as they are, until it may", async () => {
  await using small = await smallEngine(nothing);
  const chore = vi.fn(async () => undefined);
  const mayTake = vi.fn(async () => false);
  const id = await small.begin();
  await request(small);
  const worker = employ(small, { mayTake, chore });
  await vi.waitFor(() => expect(mayTake.mock.calls.length).toBeGreaterThan(3), patient);
  expect([(await small.saga(id)).status, chore.mock.calls]).toEqual(["pending", []]);
  mayTake.mockResolvedValue(true);
  await vi.waitFor(async () => expect((await small.saga(id)).status).toBe("completed"), patient);
  await vi.waitFor(() => expect(chore).toHaveBeenCalledTimes(1), patient);
  await worker.stop(1000);
});

test("a chore that cannot be done now is done later; one that fails is over", async () => {
  await using small = await smallEngine(nothing);
  const chore = vi
    .fn<Perform>()
    .mockResolvedValueOnce(new Hold(small.clock.now(), "not now"))
    .mockRejectedValueOnce(new Error("failed"))
    .mockResolvedValue(undefined);
  const worker = employ(small, { chore });
  await request(small);
  await vi.waitFor(() => expect(chore).toHaveBeenCalledTimes(2), patient);
  await vi.waitFor(async () => expect(await row(small)).toMatchObject({ due_at: null, asked: null }), patient);
  expect(chore).toHaveBeenCalledTimes(2);
  await worker.stop(1000);
});

test("a chore that a stopping worker breaks off is the next one's", async () => {
  await using small = await smallEngine(nothing);
  let isAtIt = false;
  const worker = employ(small, {
    chore: (_name, signal) => {
      isAtIt = true;
      return small.clock.sleep(60_000, signal).then(() => undefined);
    },
  });
  await request(small);
  await vi.waitFor(() => expect(isAtIt).toBe(true), patient);
  await worker.stop(1000);
  const { due_at: due } = await row(small);
  expect(Number(due)).toBeLessThanOrEqual(small.clock.now().getTime());
  expect(await small.queue.fetchChores()).toMatchObject([{ name: "sync" }]);
});

test("a chore that waits keeps no other waiting, and is not done twice at once", async () => {
  await using small = await smallEngine(nothing);
  const begun: string[] = [];
  let letGo = (): void => undefined;
  const room = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  const worker = employ(small, {
    chore: (name) => {
      begun.push(name);
      return name === "sync" && begun.length === 1 ? room : Promise.resolve(undefined);
    },
  });
  await request(small);
  await vi.waitFor(() => expect(begun).toEqual(["sync"]), patient);
  await request(small);
  await request(small, "absences");
  await vi.waitFor(() => expect(begun).toEqual(["sync", "absences"]), patient);
  letGo();
  await vi.waitFor(() => expect(begun).toEqual(["sync", "absences", "sync"]), patient);
  await worker.stop(1000);
});

test("a lease that ends later than any can binds nobody: a clock that was wrong wrote it", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const tomorrow = after(small.clock.now(), 24 * 3_600_000);
  await small.db.updateTable("sagas").set({ lease_owner: small.engine.workerId, due_at: tomorrow }).execute();
  const worker = employ(small, { chore: async () => undefined });
  await vi.waitFor(async () => expect((await small.saga(id)).status).toBe("completed"), patient);
  await worker.stop(1000);
});

test("who is told whatever there is to do rests while there is nothing, and is there at once when it is told", async () => {
  await using small = await smallEngine(nothing);
  const chore = vi.fn(async () => undefined);
  const looks = vi.fn<() => boolean>(() => true);
  const worker = employ(small, { hears: looks, chore });
  await vi.waitFor(() => expect(looks).toHaveBeenCalled(), patient);
  await small.clock.sleep(500);
  const before = looks.mock.calls.length;
  const id = await small.begin();
  await request(small);
  await small.clock.sleep(3000);
  // Nobody listens for it here: it has not looked again, and finds them once it is told.
  expect([looks.mock.calls.length - before, (await small.saga(id)).status]).toEqual([0, "pending"]);
  worker.ring();
  await vi.waitFor(async () => expect((await small.saga(id)).status).toBe("completed"), { timeout: 2000 });
  await vi.waitFor(() => expect(chore).toHaveBeenCalledTimes(1), { timeout: 2000 });
  await worker.stop(1000);
});

test("who has been told of more than it has room for does not rest", patient, async () => {
  const gate = Promise.withResolvers<void>();
  await using small: Small = await smallEngine([
    smallStep("only", async () => {
      await gate.promise;
      return {};
    }),
  ]);
  const worker = startWorker(small.engine, { slots: 2, hears: () => true });
  await vi.waitFor(() => expect(worker.rests).toBe(true), patient);
  for (let number = 0; number < 3; number += 1) await small.begin();
  worker.ring();
  await vi.waitFor(() => expect([worker.busy, worker.rests]).toEqual([2, false]), patient);
  gate.resolve();
  await vi.waitFor(() => expect([worker.busy, worker.rests]).toEqual([0, true]), patient);
  await worker.stop(1000);
});

test("who rests is there when the lease of a worker that died ends", async () => {
  await using small = await smallEngine(nothing);
  const id = await small.begin();
  const ends = after(small.clock.now(), 4000);
  await small.db.updateTable("sagas").set({ lease_owner: small.engine.ids.uuid(), due_at: ends }).execute();
  const worker = employ(small, { hears: () => true, chore: async () => undefined });
  await vi.waitFor(async () => expect((await small.saga(id)).status).toBe("completed"), patient);
  expect(small.clock.now().getTime() - ends.getTime()).toBeLessThan(2000);
  await worker.stop(1000);
});
