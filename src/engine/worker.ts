import { after } from "#clock.ts";
import { transact } from "#db/transact.ts";
import type { Log } from "#log.ts";
import { advance, Stopping } from "./advance.ts";
import { beatMs, sayPresent } from "./attendance.ts";
import { type Engine, Hold } from "./engine.ts";
import type { Chore, Job, SagaQueue } from "./queue.ts";
import { renewLeases } from "./store.ts";

const pollMs = 1000;
const touchMs = 2000;

/** Lets a sleeper be woken early. A ring with nobody asleep is kept for the next sleep. */
export interface Doorbell {
  ring(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Worker {
  /** Sagas in hand at this moment. */
  readonly busy: number;
  /** Takes no more, gives what runs `graceMs` to reach its next commit, then hands it back. */
  stop(graceMs: number): Promise<void>;
}

interface Holding {
  readonly job: Job;
  readonly stop: AbortController;
  epoch: number | undefined;
  done: Promise<void>;
}

export interface WorkerOptions {
  readonly slots: number;
  readonly doorbell: Doorbell;
  /** Whether to take sagas and chores now, or to leave them to the other workers. */
  readonly mayTake: () => Promise<boolean>;
  /** Whether this worker can work on sagas, as far as it knows: deadlines stand still while none can. */
  readonly isAble: () => boolean;
  /** Does one chore of this name, or says why not now; unknown names are refused by throwing. */
  readonly chore: (name: string, signal: AbortSignal) => Promise<Hold | undefined>;
}

/** Runs sagas out of the queue, up to `slots` at a time, until it is stopped. */
export function startWorker<Io>(engine: Engine<Io>, queue: SagaQueue, options: WorkerOptions): Worker {
  const { clock, log } = engine;
  const holdings = new Map<string, Holding>();
  const stopping = new AbortController();
  const signal = stopping.signal;

  const take = (job: Job): void => {
    const holding: Holding = { job, stop: new AbortController(), epoch: undefined, done: Promise.resolve() };
    holdings.set(job.id, holding);
    holding.done = advance(engine, job, holding.stop.signal, (epoch) => (holding.epoch = epoch))
      .catch((error: unknown) => {
        log.error(
          { err: error, saga_id: job.sagaId },
          "A saga could not be run; it is taken up again once its lease has expired",
        );
      })
      .finally(() => {
        holdings.delete(job.id);
        options.doorbell.ring();
      });
  };

  let sayAt = clock.now();
  /** Before anything is taken: what it missed while nobody was there, a saga gets back first. */
  const sayWhenDue = async (): Promise<void> => {
    if (clock.now() < sayAt || !options.isAble()) return;
    await sayPresent(engine.db, clock.now());
    sayAt = after(clock.now(), beatMs);
  };

  const fetchJobs = async (): Promise<number> => {
    const free = options.slots - holdings.size;
    const jobs = free > 0 && (await options.mayTake()) ? await queue.fetch(free) : [];
    for (const job of jobs) take(job);
    return jobs.length;
  };

  /** One that fails is over until it is asked for again; one that cannot be done now is put off. */
  const attend = async (chore: Chore): Promise<void> => {
    const hold = await options.chore(chore.name, signal).catch(async (error: unknown) => {
      if (signal.aborted) return new Hold(clock.now(), "its worker stops");
      await queue.completeChore(chore.id);
      throw error;
    });
    await (hold ? queue.putOffChore(chore, hold.until) : queue.completeChore(chore.id));
  };

  const loops = [
    loop(log, signal, async () => {
      await sayWhenDue();
      if ((await fetchJobs()) === 0) await options.doorbell.wait(pollMs, signal);
    }),
    loop(log, signal, async () => {
      await clock.sleep(touchMs, signal);
      await renew(engine, queue, holdings);
    }),
    loop(log, signal, async () => {
      await clock.sleep(pollMs, signal);
      await reviveLost(engine, queue);
    }),
    loop(log, signal, async () => {
      const chore = (await options.mayTake()) ? await queue.fetchChore() : undefined;
      await (chore ? attend(chore) : clock.sleep(pollMs, signal));
    }),
  ];

  return {
    get busy() {
      return holdings.size;
    },
    async stop(graceMs) {
      stopping.abort(new Stopping());
      await Promise.all(loops);
      const running = Promise.all([...holdings.values()].map((holding) => holding.done));
      const grace = new AbortController();
      await Promise.race([running, clock.sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
      for (const holding of holdings.values()) holding.stop.abort(new Stopping());
      await running;
    },
  };

  /** Repeats `work` until stopped; an error is logged and paused after, since the database may be away. */
  async function loop(to: Log, until: AbortSignal, work: () => Promise<void>): Promise<void> {
    const goOn = async (error: unknown): Promise<void> => {
      if (until.aborted) return;
      to.warn({ err: error }, "The worker met an error and goes on in a second");
      await clock.sleep(pollMs, until).catch(() => undefined);
    };
    while (!until.aborted) await work().catch(goOn);
  }
}

/** Keeps claims and wake-ups ours; a saga of which either is lost is let go at once. */
async function renew<Io>(engine: Engine<Io>, queue: SagaQueue, holdings: ReadonlyMap<string, Holding>): Promise<void> {
  const held = [...holdings.values()];
  const epochs = new Map(held.flatMap(({ job, epoch }) => (epoch === undefined ? [] : [[job.sagaId, epoch] as const])));
  if (held.length === 0) return;
  // First what no lock can hold up: a saga whose row somebody keeps must not cost us the others.
  const lost = new Set(await queue.touch(held.map(({ job }) => job.id)));
  const expiresAt = after(engine.clock.now(), engine.leaseMs);
  const kept = await transact(engine.db, (tx) => renewLeases(tx, engine.workerId, epochs, expiresAt));
  for (const { job, stop, epoch } of held) {
    // One that ended while we asked is gone from the holdings, and not lost.
    if (!holdings.has(job.id)) continue;
    if (lost.has(job.id) || (epoch !== undefined && epochs.has(job.sagaId) && !kept.has(job.sagaId)))
      stop.abort(new Error("The claim on this saga is lost"));
  }
}

/** A wake-up whose worker died becomes a fresh one, under a new id. */
async function reviveLost<Io>(engine: Engine<Io>, queue: SagaQueue): Promise<void> {
  for (const job of await queue.fetchLost())
    await transact(engine.db, async (tx) => {
      await queue.wake(tx, job.sagaId, engine.clock.now());
      await queue.completeLost(tx, job.id);
    });
}
