import { skewTolerance } from "#db/clock-check.ts";
import { claim } from "./claim.ts";
import type { Engine } from "./engine.ts";
import { Superseded } from "./failure.ts";
import type { Job } from "./queue.ts";
import { runStep } from "./run-step.ts";
import { fenced, release, type Turn } from "./turn.ts";

/** Why a worker lets go of a saga that it holds: it stops, in good order. */
export class Stopping extends Error {
  constructor() {
    super("The worker is stopping");
    this.name = "Stopping";
  }
}

/**
 * Runs a saga until it waits, ends, or `signal` aborts: with Stopping it is handed back at once, with anything
 * else it is dropped as it stands, for the worker that has taken it over.
 * `held` is told the epoch of the claim, so that the worker can renew the lease.
 */
export async function advance<Io>(
  engine: Engine<Io>,
  job: Job,
  signal: AbortSignal,
  held: (epoch: number) => void,
): Promise<void> {
  await untilDue(engine, job, signal);
  let turn = await claim(engine, job.sagaId, job.id);
  if (turn) held(turn.saga.epoch);
  let last: Turn<Io> | undefined;
  try {
    while (turn) {
      last = turn;
      signal.throwIfAborted();
      turn = await runStep(engine, turn, signal);
    }
  } catch (error) {
    if (last && signal.aborted && signal.reason instanceof Stopping) return handBack(engine, last);
    if (signal.aborted || error instanceof Superseded) {
      engine.log.warn({ saga_id: job.sagaId }, "Another worker has taken this saga over; this one lets go");
      return;
    }
    throw error;
  }
}

/**
 * The queue's clock is the database's. By a clock that is behind, a saga would find itself too early and be put off to
 * the very same moment, over and over.
 */
async function untilDue<Io>({ clock }: Engine<Io>, { dueAt }: Job, signal: AbortSignal): Promise<void> {
  const early = dueAt.getTime() - clock.now().getTime();
  if (early > 0) await clock.sleep(Math.min(early, skewTolerance * 1000), signal).catch(() => undefined);
}

async function handBack<Io>(engine: Engine<Io>, turn: Turn<Io>): Promise<void> {
  return fenced(engine, turn, (tx, held) =>
    release(engine, tx, held, engine.clock.now(), held.saga.waiting_for, held.saga.watching),
  );
}
