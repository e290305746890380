import { expect, test, vi } from "vitest";
import { after } from "#clock.ts";
import { createQueue } from "#proof/stage/queue.ts";
import { smallEngine } from "#test/small-engine.ts";
import type { ChoreQueue } from "./queue.ts";

// What workers rely on, of the queue that ships and of the one that the proofs have in its place on virtual time.

interface Ground {
  readonly queue: ChoreQueue;
  request(): Promise<void>;
  now(): Date;
  [Symbol.asyncDispose](): Promise<void>;
}

const grounds: [string, () => Promise<Ground>][] = [
  [
    "the queue that ships",
    async () => {
      const small = await smallEngine([]);
      return {
        queue: small.queue,
        request: () => small.db.transaction().execute((tx) => small.queue.requestChore(tx, "sync")),
        now: () => small.clock.now(),
        [Symbol.asyncDispose]: () => small[Symbol.asyncDispose](),
      };
    },
  ],
  [
    "the queue of the proofs",
    async () => {
      const queue = createQueue({ now: () => Date.now() });
      return {
        queue,
        request: () => queue.requestChore(undefined as never, "sync"),
        now: () => new Date(),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
  ],
];

const soon = { timeout: 20_000 };

for (const [name, open] of grounds) {
  test(`${name}: a chore is one worker's, however often it is asked for before`, async () => {
    await using ground = await open();
    for (let times = 0; times < 3; times += 1) await ground.request();
    expect(await ground.queue.fetchChore()).toMatchObject({ name: "sync" });
    expect(await ground.queue.fetchChore()).toBeUndefined();
  });

  test(`${name}: what is asked for while it is done is done once more`, async () => {
    await using ground = await open();
    await ground.request();
    const first = await ground.queue.fetchChore();
    await ground.request();
    await ground.queue.completeChore(first?.id ?? "");
    const again = await ground.queue.fetchChore();
    expect(again?.name).toBe("sync");
    expect(again?.id).not.toBe(first?.id);
  });

  test(`${name}: a chore that is put off comes back at its time, once, however often it is asked for`, async () => {
    await using ground = await open();
    await ground.request();
    const chore = await ground.queue.fetchChore();
    if (!chore) throw new Error("The chore was not there");
    await ground.queue.putOffChore(chore, after(ground.now(), 1500));
    await ground.request();
    expect(await ground.queue.fetchChore()).toBeUndefined();
    const again = await vi.waitFor(
      async () => (await ground.queue.fetchChore()) ?? Promise.reject(new Error("not yet")),
      soon,
    );
    expect(again.name).toBe("sync");
    expect(again.id).not.toBe(chore.id);
    expect(await ground.queue.fetchChore()).toBeUndefined();
  });

  test(`${name}: what is done is gone`, async () => {
    await using ground = await open();
    await ground.request();
    const chore = await ground.queue.fetchChore();
    await ground.queue.completeChore(chore?.id ?? "");
    expect(await ground.queue.fetchChore()).toBeUndefined();
    expect(await ground.queue.isReady()).toBe(true);
  });
}
