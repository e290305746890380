import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { type Engine, Hold } from "./engine.ts";
import { Superseded } from "./failure.ts";
import type { AnySaga } from "./saga.ts";
import {
  hasEnded,
  lockSaga,
  readSteps,
  type SagaEvent,
  type SagaPatch,
  type SagaRow,
  type StepRow,
  writeSaga,
} from "./store.ts";

/** A saga in this worker's hands: its rows as of the last commit, under an epoch that nobody else has. */
export interface Turn<Io> {
  readonly definition: AnySaga<Io>;
  readonly saga: SagaRow;
  readonly steps: readonly StepRow[];
  readonly jobId: string;
}

/**
 * Takes the saga if its lease is free or expired, which bumps the epoch (rule 3).
 * @returns undefined when there is nothing to do: it ended, another worker has it, or nothing may run now.
 *   The wake-up is completed in all those cases, and replaced where one is still needed.
 */
export function claim<Io>(engine: Engine<Io>, sagaId: string, jobId: string): Promise<Turn<Io> | undefined> {
  return engine.db.transaction().execute(async (tx) => {
    const now = engine.clock.now();
    const saga = await lockSaga(tx, sagaId);
    const definition = saga && engine.sagas.get(saga.name);
    if (!saga || hasEnded(saga) || saga.status === "stuck") {
      await engine.wakeUps.complete(tx, sagaId, jobId);
      return undefined;
    }
    if (!definition) throw new Error(`Saga ${sagaId} is a ${saga.name}, which this release does not know`);

    if (saga.lease_expires_at && saga.lease_expires_at > now) {
      await engine.wakeUps.wake(tx, sagaId, saga.lease_expires_at);
      await engine.wakeUps.complete(tx, sagaId, jobId);
      return undefined;
    }
    const admitted = await engine.admit(tx, saga);
    if (admitted instanceof Hold) {
      const turn = { definition, saga, steps: [], jobId };
      await release(engine, tx, turn, admitted.until, admitted.reason, "provider");
      return undefined;
    }
    const claimed: SagaPatch = {
      ...admitted,
      epoch: saga.epoch + 1,
      lease_owner: engine.workerId,
      lease_expires_at: after(now, engine.leaseMs),
      status: saga.direction === "forward" ? "running" : "compensating",
      started_at: saga.started_at ?? now,
      wake_at: null,
    };
    const events: SagaEvent[] =
      saga.status === "pending" ? [{ type: "saga", data: { status: claimed.status, name: saga.name } }] : [];
    const written = await writeSaga(tx, saga, claimed, events, now);
    return { definition, saga: written, steps: await readSteps(tx, sagaId), jobId };
  });
}

/** Gives the saga back until `at`: its next wake-up, in the transaction of the outcome (rule 2). */
export async function release<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  at: Date,
  waitingFor: string | null,
  watching: string | null,
  events: readonly SagaEvent[] = [],
): Promise<void> {
  const { saga } = turn;
  const status = saga.direction === "forward" ? "waiting" : "compensating";
  const changed = saga.waiting_for !== waitingFor;
  const patch: SagaPatch = {
    status,
    wake_at: at,
    waiting_for: waitingFor,
    watching,
    lease_owner: null,
    lease_expires_at: null,
  };
  const waiting: SagaEvent = { type: "saga", data: { status, waiting_for: waitingFor } };
  await writeSaga(tx, saga, patch, changed ? [...events, waiting] : events, engine.clock.now());
  await engine.wakeUps.wake(tx, saga.id, at);
  await engine.wakeUps.complete(tx, saga.id, turn.jobId);
}

/**
 * Runs `write` with the saga's row locked and proven to be ours still.
 * @throws {Superseded} when another worker took the saga over; nothing is written then.
 */
export function fenced<Io, Result>(
  engine: Engine<Io>,
  turn: Turn<Io>,
  write: (tx: Tx, saga: SagaRow) => Promise<Result>,
): Promise<Result> {
  return engine.db.transaction().execute(async (tx) => {
    const saga = await lockSaga(tx, turn.saga.id);
    if (saga?.epoch !== turn.saga.epoch || saga.lease_owner !== engine.workerId) throw new Superseded(turn.saga.id);
    return write(tx, saga);
  });
}
