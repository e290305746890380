import { after } from "#clock.ts";
import type { Log } from "#log.ts";
import { beatMs, sayPresent } from "./attendance.ts";
import { claim } from "./claim.ts";
import type { BegunSaga } from "./claimed-saga.ts";
import { type Engine, Hold } from "./engine.ts";
import { createLeases } from "./leases.ts";
import type { Chore, ChoreQueue } from "./chores.ts";
import { createDoorbell } from "./doorbell.ts";
import { runSaga, Stopping } from "./run-saga.ts";
import { readNextDue } from "./store.ts";

/** The longest until a worker looks whether anything is due, where something is soon, or nobody would tell it. Milliseconds. */
const pollMs = 2000;
/**
 * Where it would be told, it looks more rarely as long as nothing is due within `soonMs`: whatever makes a saga due earlier
 * than it was rings, but for what another worker has in hand, and that is due soon, when its lease ends. Milliseconds.
 */
const soonMs = 30_000;
const [farMs, restMs] = [5000, 15_000];
/** What is due and could not be taken, since somebody has it locked, is tried again after this. Milliseconds. */
const lockedMs = 200;
const chorePollMs = 1000;
const pauseMs = 1000;

export interface Worker {
  /** Sagas in hand at this moment. */
  readonly busy: number;
  /** Whether there is no saga to be worked on, by anybody, as far as it would have been told. */
  readonly rests: boolean;
  /** Something may be due: it looks at once. */
  ring(): void;
  /** Takes no more, gives what runs `graceMs` to reach its next commit, then hands it back. */
  stop(graceMs: number): Promise<void>;
}

/** Work that is no saga's, done by one worker for all. */
export interface Chores {
  readonly queue: ChoreQueue;
  /** Does one chore of this name, or says why not now; unknown names are refused by throwing. */
  readonly perform: (name: string, signal: AbortSignal) => Promise<Hold | undefined>;
}

export interface WorkerOptions {
  readonly slots: number;
  /** Whether it is rung at this moment whenever something may be due. Default: never, so that it has to poll. */
  readonly hears?: () => boolean;
  /** Whether to take sagas and chores now, or to leave them to the other workers. Default: always. */
  readonly mayTake?: () => Promise<boolean>;
  /** Whether this worker can work on sagas, as far as it knows: deadlines stand still while none can. Default: always. */
  readonly isAble?: () => boolean;
  readonly chores?: Chores;
}

interface Holding {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Runs sagas that are due, up to `slots` at a time, until it is stopped. */
export function startWorker<Io>(engine: Engine<Io>, options: WorkerOptions): Worker {
  const { clock, log } = engine;
  const { slots, chores, mayTake = async () => true, isAble = () => true, hears = () => false } = options;
  const doorbell = createDoorbell(clock);
  const choreBell = createDoorbell(clock);
  const holdings = new Map<string, Holding>();
  const leases = createLeases(engine, (sagaId, reason) => holdings.get(sagaId)?.stop.abort(reason));
  const stopping = new AbortController();
  const signal = stopping.signal;

  const take = (begun: BegunSaga<Io>): void => {
    const { id } = begun.saga;
    const stop = new AbortController();
    leases.hold(begun.saga);
    const done = runSaga(engine, begun, stop.signal)
      .catch((error: unknown) => {
        log.error(
          { err: error, saga_id: id },
          "A saga could not be run; it is taken up again once its lease has expired",
        );
      })
      .finally(() => {
        holdings.delete(id);
        leases.letGo(id);
        doorbell.ring();
      });
    holdings.set(id, { stop, done });
  };

  let sayAt = clock.now();
  /**
   * Before anything is taken: what it missed while nobody was there, a saga gets back first. While none is to be worked on,
   * nobody misses anything.
   */
  const sayWhenDue = async (): Promise<void> => {
    if (clock.now() < sayAt || !isAble()) return;
    await sayPresent(engine.db, clock.now());
    sayAt = after(clock.now(), beatMs);
  };

  let isIdle = false;
  /** @returns for how long nothing is due, and no longer than the next look may wait */
  const untilNextDue = async (): Promise<number> => {
    const [next] = await readNextDue(engine.db, []);
    isIdle = !next?.due_at;
    if (!next?.due_at) return hears() ? restMs : pollMs;
    await sayWhenDue();
    const ms = next.due_at.getTime() - clock.now().getTime();
    return Math.min(ms, hears() && ms > soonMs ? farMs : pollMs);
  };

  /** More were due than could be taken, or it has just been rung: where there is room, nobody has to ask first. */
  let mayBeDue = false;
  /** @returns for how long there is nothing to take, in milliseconds, as far as anybody can know */
  const takeDue = async (): Promise<number> => {
    const free = slots - holdings.size;
    if (free <= 0 || mayBeDue) await sayWhenDue();
    if (free <= 0) return pollMs;
    const ms = mayBeDue ? 0 : await untilNextDue();
    if (ms > 0) return ms;
    if (!(await mayTake())) {
      mayBeDue = false;
      return pollMs;
    }
    await clock.refresh?.();
    const { due, begun } = await claim(engine, free);
    if (due > 0) isIdle = false;
    for (const saga of begun) take(saga);
    if (due === 0 && !mayBeDue) return lockedMs;
    mayBeDue = due === free;
    return 0;
  };

  const inHand = new Map<string, Promise<void>>();
  /** One that fails is over until it is asked for again; one that cannot be done now is put off. */
  const attend = async ({ queue, perform }: Chores, chore: Chore): Promise<void> => {
    try {
      const hold = await perform(chore.name, signal).catch(async (error: unknown) => {
        if (signal.aborted) return new Hold(clock.now(), "its worker stops");
        await queue.completeChore(chore);
        throw error;
      });
      await (hold ? queue.putOffChore(chore, hold.until) : queue.completeChore(chore));
      if (hold) choreBell.ring();
    } catch (error) {
      log.warn({ err: error, chore: chore.name }, "A chore failed; it is done again when it is next asked for");
    } finally {
      inHand.delete(chore.name);
    }
  };
  /** One may wait long, for room among the provider's requests: none of the others waits behind it. */
  const takeChores = async (from: Chores): Promise<void> => {
    const next = await from.queue.nextChoreAt();
    // One that another puts off to earlier than that, and dies, waits for the next; whoever asks for one rings.
    const ms = next ? next.getTime() - clock.now().getTime() : restMs;
    if (ms > 0) return choreBell.wait(hears() ? ms : Math.min(ms, chorePollMs), signal);
    if (!(await mayTake())) return clock.sleep(chorePollMs, signal);
    await clock.refresh?.();
    for (const chore of await from.queue.fetchChores()) {
      if (inHand.has(chore.name)) await from.queue.putOffChore(chore, after(clock.now(), chorePollMs));
      else inHand.set(chore.name, attend(from, chore));
    }
  };

  const loops = [
    loop(log, signal, async () => {
      const ms = await takeDue();
      if (ms > 0) await doorbell.wait(ms, signal);
    }),
    loop(log, signal, async () => {
      await clock.sleep(leases.renewEveryMs, signal);
      await leases.renew();
    }),
    ...(chores ? [loop(log, signal, () => takeChores(chores))] : []),
  ];

  return {
    get busy() {
      return holdings.size;
    },
    get rests() {
      return isIdle && hears();
    },
    ring() {
      mayBeDue = true;
      doorbell.ring();
      choreBell.ring();
    },
    async stop(graceMs) {
      stopping.abort(new Stopping());
      await Promise.all(loops);
      await Promise.all(inHand.values());
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
      await clock.sleep(pauseMs, until).catch(() => undefined);
    };
    while (!until.aborted) await work().catch(goOn);
  }
}
