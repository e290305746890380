import { expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { smallEngine, smallStep } from "#test/small-engine.ts";
import { createDoorbell } from "./doorbell.ts";
import { Hold } from "./engine.ts";
import { type Chores, startWorker, type WorkerOptions } from "./worker.ts";

const nothing = [smallStep("only", async () => ({}))];
const patient = { timeout: 30_000 };

type Small = Awaited<ReturnType<typeof smallEngine>>;

type Perform = Chores["perform"];

const employ = (
  { engine, queue, clock }: Small,
  { chore, ...options }: Pick<WorkerOptions, "mayTake"> & { readonly chore: Perform },
) =>
  startWorker(engine, {
    slots: 10,
    doorbell: createDoorbell(clock),
    chores: { queue, perform: chore },
    ...options,
  });

const request = (small: Small, name = "sync") =>
  small.db.transaction().execute((tx) => small.queue.requestChore(tx, name));
const queued = async ({ pool }: Small) =>
  (await pool.query<{ state: string }>("select state from pgboss.job where name = 'chores' order by created_on")).rows;

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
  // At least two jobs: one that is fetched while the same chore is still in hand is put off once more.
  await vi.waitFor(async () => {
    const states = (await queued(small)).map(({ state }) => state);
    expect([states.length >= 2, new Set(states)]).toEqual([true, new Set(["completed"])]);
  }, patient);
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
  expect((await queued(small)).map(({ state }) => state)).toEqual(["completed", "created"]);
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
