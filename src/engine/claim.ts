import { asBegun } from "#step-begun.ts";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { isUnreachable } from "#db/violation.ts";
import { begun, type BegunSaga, change, type ClaimedSaga, release, unwritten } from "./claimed-saga.ts";
import { type Admit, type Engine, Hold } from "./engine.ts";
import { sayWhatBecame } from "./finish.ts";
import { setLane } from "./lane.ts";
import { beginNext } from "./next-step.ts";
import { type SagaEvent, type SagaPatch, type SagaRow, type StepRow } from "./rows.ts";
import { unknownSaga } from "./saga.ts";
import { lockDue, putOff, readPlans } from "./store.ts";
import { giveBack, unknownStep } from "./unknown-step.ts";
import { writeLast } from "./write.ts";

/** What a claim has come to. */
export interface Claims<Io> {
  /** How many sagas were due. */
  readonly due: number;
  /** Those of them that are this worker's now, each with its next step begun. */
  readonly begun: BegunSaga<Io>[];
}

/**
 * Takes sagas that are due, `count` at most: those that are free, and those whose holder's lease is over. Each gets
 * another epoch (rule 3), and its next step begun. Where nothing may run now it is given back instead.
 */
export async function claim<Io>(engine: Engine<Io>, count: number): Promise<Claims<Io>> {
  let seen: readonly SagaRow[] = [];
  try {
    const claimed = await transact(engine.db, async (tx) => {
      await setLane(tx);
      seen = await lockDue(tx, [engine.clock.now(), count]);
      const taken = await takeAll(engine, tx, seen);
      await writeLast(tx, taken);
      return taken;
    });
    engine.announce(claimed.map(({ saga }) => saga.id));
    for (const one of claimed) await sayWhatBecame(engine, one);
    return { due: seen.length, begun: claimed.flatMap((one) => begun(one) ?? []) };
  } catch (error) {
    if (isUnreachable(error) || seen.length === 0) throw error;
    if (seen.length > 1) return claim(engine, 1);
    await setAside(engine, seen[0], error);
    return { due: 1, begun: [] };
  }
}

/** One that cannot be taken must not keep the others waiting. */
async function setAside<Io>(engine: Engine<Io>, saga: SagaRow | undefined, error: unknown): Promise<void> {
  if (!saga) return;
  engine.log.error({ err: error, saga_id: saga.id }, "A saga could not be taken up; that is tried again in a while");
  await putOff(engine.db, [saga.id, after(engine.clock.now(), engine.leaseMs)]);
}

async function takeAll<Io>(engine: Engine<Io>, tx: Tx, sagas: readonly SagaRow[]): Promise<ClaimedSaga<Io>[]> {
  if (sagas.length === 0) return [];
  const plans = Map.groupBy(await readPlans(tx, [sagas.map(({ id }) => id)]), (row) => row.saga_id);
  const admit = await engine.admit(tx);
  const now = engine.clock.now();
  return sagas.map((saga) => take(engine, saga, asBegun(saga, plans.get(saga.id) ?? []), admit, now));
}

function take<Io>(
  engine: Engine<Io>,
  saga: SagaRow,
  steps: readonly StepRow[],
  admit: Admit,
  now: Date,
): ClaimedSaga<Io> {
  const definition = engine.sagas.get(saga.name) ?? unknownSaga<Io>(saga.name);
  const free: ClaimedSaga<Io> = { ...unwritten, definition, saga, steps, at: now };
  const admitted = admit(saga);
  if (admitted instanceof Hold) return release(free, admitted.until, admitted.reason, "provider");
  const unknown = unknownStep(free);
  if (unknown) return giveBack(free, unknown, now);
  const patch: SagaPatch = {
    ...admitted,
    epoch: saga.epoch + 1,
    lease_owner: engine.workerId,
    due_at: after(now, engine.leaseMs),
    status: saga.direction === "forward" ? "running" : "compensating",
    started_at: saga.started_at ?? now,
  };
  const news: SagaEvent[] =
    saga.status === patch.status ? [] : [{ type: "saga", data: { status: patch.status, name: saga.name } }];
  return beginNext(engine, change(free, patch, news), now);
}
