import { isIdle } from "#saga-ended.ts";
import { after } from "#clock.ts";
import { transact } from "#db/transact.ts";
import { begin } from "./begin.ts";
import { type Engine, Hold } from "./engine.ts";
import { unknownSaga } from "./saga.ts";
import { lockSaga, readSteps, type SagaEvent, type SagaPatch } from "./store.ts";
import { type Begun, release, type Turn, unwritten } from "./turn.ts";
import { giveBack, unknownStep } from "./unknown-step.ts";

/**
 * Takes the saga if its lease is free or expired, which bumps the epoch (rule 3), and begins its next step.
 * @returns undefined when there is nothing to do: it ended, another worker has it, or nothing may run now.
 *   The wake-up is completed in all those cases, and replaced where one is still needed.
 */
export function claim<Io>(engine: Engine<Io>, sagaId: string, jobId: string): Promise<Begun<Io> | undefined> {
  return transact(engine.db, async (tx) => {
    const now = engine.clock.now();
    const saga = await lockSaga(tx, sagaId);
    if (!saga || isIdle(saga.status)) {
      await engine.wakeUps.complete(tx, sagaId, jobId);
      return undefined;
    }
    if (saga.lease_expires_at && saga.lease_expires_at > now) {
      await engine.wakeUps.wake(tx, sagaId, saga.lease_expires_at);
      await engine.wakeUps.complete(tx, sagaId, jobId);
      return undefined;
    }
    const definition = engine.sagas.get(saga.name) ?? unknownSaga(saga.name);
    const free: Turn<Io> = { definition, saga, steps: [], jobId, ...unwritten };
    const admitted = await engine.admit(tx, saga);
    if (admitted instanceof Hold) {
      await release(engine, tx, free, admitted.until, admitted.reason, "provider");
      return undefined;
    }
    const held = { ...free, steps: await readSteps(tx, sagaId) };
    const unknown = unknownStep(held);
    if (unknown) return giveBack(engine, tx, held, unknown);
    const patch: SagaPatch = {
      ...admitted,
      epoch: saga.epoch + 1,
      lease_owner: engine.workerId,
      lease_expires_at: after(now, engine.leaseMs),
      status: saga.direction === "forward" ? "running" : "compensating",
      started_at: saga.started_at ?? now,
      wake_at: null,
    };
    const news: SagaEvent[] =
      saga.status === patch.status ? [] : [{ type: "saga", data: { status: patch.status, name: saga.name } }];
    return begin(engine, tx, { ...held, patch, news });
  });
}
