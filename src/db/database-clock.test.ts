import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { openDatabaseClock } from "./database-clock.ts";

const noon = Date.parse("2026-11-26T12:00:00Z");

/** A machine and a database whose clocks a test sets. */
async function machine() {
  const time = { database: noon, wall: noon, steady: 5000 };
  const lines: string[] = [];
  let wakeUp: (() => void) | undefined;
  const wall = {
    ...systemClock,
    now: () => new Date(time.wall),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        wakeUp = resolve;
        signal?.addEventListener("abort", () => reject(new Error("closed")), { once: true });
      }),
  };
  const log = openLog("debug", { write: (line) => void lines.push(line) });
  const ask = async () => new Date(time.database);
  const clock = await openDatabaseClock({ ask, wall, steady: () => time.steady, log });
  return {
    clock,
    lines,
    time,
    pass(ms: number) {
      time.database += ms;
      time.wall += ms;
      time.steady += ms;
    },
    /** Two seconds are over: it is measured again. */
    async measured() {
      wakeUp?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => clock.close(),
  };
}

test("a machine's clock that is a day ahead, or is set back an hour, changes nothing", async () => {
  await using it = await machine();
  const { clock, time } = it;
  for (const set of [24 * 3_600_000, -25 * 3_600_000]) {
    time.wall += set;
    it.pass(1000);
    expect(clock.now().getTime()).toBe(time.database);
    expect(clock.isDoubtful()).toBe(true);
    await it.measured();
    expect(clock.isDoubtful()).toBe(false);
    expect(clock.now().getTime()).toBe(time.database);
  }
  expect(it.lines.filter((line) => line.includes("nothing is sent until"))).toHaveLength(2);
});

test("a machine that slept does not know the time until it has asked", async () => {
  await using it = await machine();
  const { clock, time } = it;
  // The steady clock stands still meanwhile.
  time.wall += 3_600_000;
  time.database += 3_600_000;
  expect(clock.isDoubtful()).toBe(true);
  await it.measured();
  expect(clock.isDoubtful()).toBe(false);
  expect(clock.now().getTime()).toBe(time.database);
});

test("the database's clock counts where it is set, also backwards, and that is told", async () => {
  await using it = await machine();
  const { clock, time } = it;
  clock.now();
  time.database -= 3_600_000;
  await it.measured();
  expect(clock.now().getTime()).toBe(time.database);
  expect(it.lines.join("")).toContain("The database's clock has jumped");
  // What is only measured a little differently never goes backwards.
  const before = clock.now().getTime();
  time.database -= 50;
  await it.measured();
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
  expect(it.lines.filter((line) => line.includes("has jumped, or"))).toHaveLength(1);
});
