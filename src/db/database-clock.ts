import { sql } from "kysely";
import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import { skewTolerance } from "./clock-check.ts";
import type { Db } from "./connection.ts";

/** The database's time, as this process knows it. */
export interface DatabaseClock extends Clock {
  readonly isDoubtful: () => boolean;
  /** To be awaited before something is begun that is compared with another's time: asks again what was asked some time ago. */
  readonly refresh: () => Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseClockOptions {
  /** What time it is at the database. */
  readonly ask: () => Promise<Date>;
  /** This machine's clock, which somebody may set; and one that nobody sets. */
  readonly wall: Clock;
  readonly steady: () => number;
  readonly log: Log;
}

interface Measured {
  /** What has to be added to the steady clock, and to it again for the machine's own. */
  readonly offset: number;
  readonly wallOffset: number;
  /** Half of how long the question took. */
  readonly uncertain: number;
}

/** While work is begun by it, it is asked so often; and so often while nothing is. Milliseconds. */
const everyMs = 2000;
const restMs = 30_000;
const toleranceMs = skewTolerance * 1000;

export const askDatabase = (db: Db) => async (): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  if (!rows[0]) throw new Error("The database does not tell the time");
  return rows[0].now;
};

/**
 * A clock that all workers have in common (rule 24): the database's, measured against a steady clock of this machine, every two
 * seconds while anything is begun by it. What anybody sets this machine's clock to does not matter. A steady clock that stood still,
 * as one does while its machine sleeps, shows beside the machine's own: until it is measured again the time is doubtful.
 */
export async function openDatabaseClock(options: DatabaseClockOptions): Promise<DatabaseClock> {
  const { ask, wall, steady, log } = options;
  const ending = new AbortController();
  let doubtful = false;
  let latest = 0;

  let measuredAt = 0;
  const measure = async (): Promise<Measured> => {
    const before = steady();
    measuredAt = before;
    const told = await ask();
    const after = steady();
    const offset = told.getTime() - (before + after) / 2;
    return { offset, wallOffset: wall.now().getTime() - after, uncertain: (after - before) / 2 };
  };
  let known = await measure();
  const apart = known.wallOffset - known.offset;
  if (Math.abs(apart) > toleranceMs)
    log.warn(`This machine's clock is ${inWords(apart)} the database's, which counts; set it (NTP)`);

  const again = async (): Promise<void> => {
    const next = await measure();
    const moved = next.offset - known.offset;
    const isJump = Math.abs(moved) > toleranceMs + next.uncertain;
    // An answer that took long tells less than what is known, unless that is known to be wrong.
    if (!isJump && !doubtful && next.uncertain > toleranceMs / 2) return;
    if (isJump) {
      latest = 0;
      log.error(
        { moved_ms: Math.round(moved) },
        "The database's clock has jumped, or this machine stood still; the database's time counts from here on",
      );
    }
    known = next;
    doubtful = false;
  };
  let measuring: Promise<void> | undefined;
  const measureNow = (): Promise<void> =>
    (measuring ??= again()
      .catch((error: unknown) => {
        if (!ending.signal.aborted)
          log.warn({ err: error }, "The database's time could not be asked; asked again soon");
      })
      .finally(() => (measuring = undefined)));

  const isDoubtful = (): boolean => {
    const moved = wall.now().getTime() - steady() - known.wallOffset;
    if (!doubtful && Math.abs(moved) > toleranceMs) {
      doubtful = true;
      log.error(
        { moved_ms: Math.round(moved) },
        "This machine's clock has jumped, or the machine stood still: nothing is sent until the database has told the time",
      );
      void measureNow();
    }
    return doubtful;
  };
  const goesOn = (): Promise<boolean> =>
    wall.sleep(restMs, ending.signal).then(
      () => true,
      () => false,
    );
  const going = (async () => {
    while (await goesOn()) await measureNow();
  })();

  return {
    ...wall,
    now() {
      isDoubtful();
      latest = Math.max(latest, Math.round(steady() + known.offset));
      return new Date(latest);
    },
    isDoubtful,
    refresh: async () => {
      if (steady() - measuredAt >= everyMs) await measureNow();
    },
    async close() {
      ending.abort();
      await going;
      await measuring;
    },
  };
}

const inWords = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? "ahead of" : "behind"}`;
