import { type BegunSaga, type ClaimedSaga, release } from "./claimed-saga.ts";
import type { Engine } from "./engine.ts";
import { Superseded } from "./failure.ts";
import { fenced, writeOne } from "./fence.ts";
import { runStep } from "./run-step.ts";

/** Why a worker lets go of a saga that it holds: it stops, in good order. */
export class Stopping extends Error {
  constructor() {
    super("The worker is stopping");
    this.name = "Stopping";
  }
}

/**
 * Runs a saga that was claimed until it waits, ends, or `signal` aborts: with Stopping it is handed back at once, with
 * anything else it is dropped as it stands, for the worker that has taken it over.
 */
export async function runSaga<Io>(engine: Engine<Io>, claimed: BegunSaga<Io>, signal: AbortSignal): Promise<void> {
  let begun: BegunSaga<Io> | undefined = claimed;
  let last = claimed;
  try {
    while (begun) {
      last = begun;
      signal.throwIfAborted();
      begun = await runStep(engine, begun, signal);
    }
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Stopping) return handBack(engine, last);
    if (signal.aborted || error instanceof Superseded) {
      engine.log.warn({ saga_id: claimed.saga.id }, "Another worker has taken this saga over; this one lets go");
      return;
    }
    throw error;
  }
}

async function handBack<Io>(engine: Engine<Io>, begun: BegunSaga<Io>): Promise<void> {
  const now = engine.clock.now();
  await fenced<Io, ClaimedSaga<Io>, void>(engine, { ...begun, at: now }, (tx, held) =>
    writeOne(tx, release(held, now, held.saga.waiting_for, held.saga.watching)),
  );
  engine.announce([begun.saga.id]);
}
