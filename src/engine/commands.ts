import type { Tx } from "#db/connection.ts";
import { hasEnded } from "#saga-ended.ts";
import { SagaRefusal } from "./refusal.ts";
import { isAtLast, isPastPivot, openSteps } from "./plan.ts";
import { type SagaEvent, type SagaPatch, type SagaRow, type StepPatch, type StepRow } from "./rows.ts";
import { type AnySaga, unknownSaga } from "./saga.ts";
import { lockSaga, readSteps, ring, tell } from "./store.ts";
import type { Desk } from "./start.ts";
import { type Change, writeChanges } from "./write.ts";

async function locked(tx: Tx, sagaId: string): Promise<SagaRow> {
  const saga = await lockSaga(tx, sagaId);
  if (!saga) throw new SagaRefusal("saga_not_found", `There is no saga ${sagaId}`);
  return saga;
}

/**
 * Asks for a rollback: durable, honoured at the next commit, step or wait. Asking again changes nothing. One that is held
 * ends at once: it has done nothing.
 * @returns whether it was held
 * @throws {SagaRefusal} `saga_ended`, or `not_cancellable` when it is stuck or goes forward only by now
 */
export async function cancel(desk: Desk, tx: Tx, sagaId: string, reason: string): Promise<boolean> {
  const saga = await locked(tx, sagaId);
  if (hasEnded(saga.status)) throw new SagaRefusal("saga_ended", `Saga ${sagaId} has ended: ${saga.status}`);
  if (saga.status === "stuck")
    throw new SagaRefusal("not_cancellable", `Saga ${sagaId} is stuck and cannot be cancelled: retry or resolve it`);
  if (saga.status === "held") {
    await withdraw(desk, tx, saga, reason);
    return true;
  }
  if (isPastPivot(saga)) throw new SagaRefusal("not_cancellable", await whyForwardOnly(tx, saga));
  if (saga.direction === "back" || saga.cancel_requested_at) return false;
  const now = desk.clock.now();
  const asked: SagaEvent = { type: "saga", data: { status: saga.status, cancel_requested: true, reason } };
  // Who holds it finds out when it writes: the sequence of the saga's events is another then.
  const due = saga.lease_owner === null && { due_at: now };
  await write(tx, saga, { cancel_requested_at: now, cancel_reason: reason, ...due }, [asked], now);
  return false;
}

async function withdraw({ clock }: Desk, tx: Tx, saga: SagaRow, reason: string): Promise<void> {
  const now = clock.now();
  const ended = { status: "rolled_back", direction: "back", waiting_for: null, finished_at: now } as const;
  const asked = { cancel_requested_at: now, cancel_reason: reason };
  const event: SagaEvent = { type: "saga", data: { status: ended.status, cancel_requested: true, reason } };
  await write(tx, saga, { ...ended, ...asked }, [event], now);
}

/** Lets a held saga begin. @returns it, as it was @throws {SagaRefusal} `not_held` */
export async function releaseHold({ clock }: Desk, tx: Tx, sagaId: string): Promise<SagaRow> {
  const saga = await locked(tx, sagaId);
  if (saga.status !== "held") throw new SagaRefusal("not_held", `Saga ${sagaId} is ${saga.status}, not held`);
  const now = clock.now();
  const event: SagaEvent = { type: "saga", data: { status: "pending", released: true } };
  await write(tx, saga, { status: "pending", due_at: now, waiting_for: null }, [event], now);
  return saga;
}

async function whyForwardOnly(tx: Tx, saga: SagaRow): Promise<string> {
  if (saga.pivot === 0) return `A ${saga.name} goes forward only and cannot be cancelled`;
  const pivot = (await readSteps(tx, saga)).find(({ position }) => position === saga.pivot)?.name;
  return `Saga ${saga.id} has come to ${pivot}, from which on a ${saga.name} goes forward only: it cannot be cancelled`;
}

const undoneAnew: StepPatch = {
  status: "compensating",
  undo_attempts: 0,
  undo_started_at: null,
  undo_deadline_at: null,
  retry_at: null,
};
const triedAnew: StepPatch = {
  status: "waiting",
  attempts: 0,
  started_at: null,
  deadline_at: null,
  finished_at: null,
  retry_at: null,
};

/** Runs a stuck saga on the way it went, at once and as if what failed had not been tried yet. */
export async function retry(desk: Desk, tx: Tx, sagaId: string): Promise<void> {
  const saga = await stuck(tx, sagaId);
  const back = saga.direction === "back";
  const rows = (await readSteps(tx, saga)).filter(
    ({ status }) => status === "compensation_failed" || (status === "failed" && !back),
  );
  const steps = new Map(rows.map(({ position }) => [position, back ? undoneAnew : triedAnew]));
  // Why it turned back stays; on its way forward nothing has failed for good any more.
  const patch: SagaPatch = back ? {} : { error: null };
  await runOn(desk, tx, saga, { retried: true }, patch, steps);
}

/** What counts as done by hand: steps, or the undos of steps. */
export interface ByHand {
  readonly steps: readonly string[];
  readonly back: boolean;
}

/**
 * Closes a stuck saga: what could not be done counts as done by hand, and what depended on it goes on.
 * @throws {SagaRefusal} `not_resolvable` when a later step needs what the failed one would have found, or nobody but the
 * saga can do it
 */
export async function resolve<Io>(
  desk: Desk,
  tx: Tx,
  { definitionOf, endsByHand }: Known<Io>,
  sagaId: string,
  resolution: { readonly reason: string; readonly by: string },
): Promise<ByHand> {
  const saga = await stuck(tx, sagaId);
  const rows = await readSteps(tx, saga);
  const { named } = definitionOf(saga.name) ?? unknownSaga<Io>(saga.name);
  const steps = new Map<number, StepPatch>();
  const back = saga.direction === "back";
  if (back) {
    const done: StepPatch = { status: "compensated", undo_finished_at: desk.clock.now() };
    for (const row of openSteps(saga.position, rows))
      if (row.status === "compensation_failed" || !named(row.name)) {
        if (named(row.name)?.notByHand === "undo") throw notByHand(saga, row, "retry it");
        steps.set(row.position, done);
      }
  } else {
    if (isAtLast(saga, rows) && !endsByHand(saga)) throw notByHand(saga, rows[saga.position], "retry it");
    const row = doableByHand(saga, rows, named);
    steps.set(row.position, { output: {} });
  }
  const byHand = { steps: rows.filter(({ position }) => steps.has(position)).map(({ name }) => name), back };
  if (!back && isAtLast(saga, rows))
    await close(desk, tx, saga, { resolution, status: "completed" }, resolution, steps);
  else {
    const patch = { resolution, ...(!back && { position: saga.position + 1 }) };
    await runOn(desk, tx, saga, { resolved: resolution.reason, by: resolution.by }, patch, steps);
  }
  return byHand;
}

/** What a resolution has to know of sagas. */
export interface Known<Io> {
  readonly definitionOf: (name: string) => AnySaga<Io> | undefined;
  /** Whether the word that its last step was done is all that the saga's end takes. */
  readonly endsByHand: (saga: SagaRow) => boolean;
}

/** The step on which the saga is stuck, if the word that it was done by hand is all that it takes. */
function doableByHand<Io>(saga: SagaRow, rows: readonly StepRow[], named: AnySaga<Io>["named"]): StepRow {
  const before = rows.slice(0, saga.position).find((row) => !named(row.name));
  if (before) throw notByHand(saga, before, `this release does not know ${before.name}, which was before it`);
  const row = rows[saga.position];
  const step = row && named(row.name);
  // What a step that this release does not know would have found, nothing that it knows reads.
  if (row && (!step || (step.notByHand !== "step" && step.writes.safeParse({}).success))) return row;
  throw notByHand(saga, row, "retry it");
}

const notByHand = (saga: SagaRow, row: StepRow | undefined, reason: string) =>
  new SagaRefusal("not_resolvable", `Step ${row?.name} of saga ${saga.id} cannot be done by hand: ${reason}`);

async function stuck(tx: Tx, sagaId: string): Promise<SagaRow> {
  const saga = await locked(tx, sagaId);
  if (saga.status !== "stuck") throw new SagaRefusal("not_stuck", `Saga ${sagaId} is ${saga.status}, not stuck`);
  return saga;
}

/** Nothing is left to run: the operator's word is the saga's end. */
async function close(
  desk: Desk,
  tx: Tx,
  saga: SagaRow,
  patch: SagaPatch,
  resolution: { reason: string; by: string },
  steps: Change["stepPatches"],
) {
  const now = desk.clock.now();
  const event: SagaEvent = {
    type: "saga",
    data: { status: patch.status, resolved: resolution.reason, by: resolution.by },
  };
  await write(tx, saga, { ...patch, stuck_error: null, finished_at: now }, [event], now, steps);
}

async function runOn(
  desk: Desk,
  tx: Tx,
  saga: SagaRow,
  data: Record<string, unknown>,
  patch: SagaPatch,
  steps: Change["stepPatches"],
) {
  const now = desk.clock.now();
  const status = saga.direction === "forward" ? "waiting" : "compensating";
  const on: SagaPatch = { ...patch, status, stuck_error: null, known_by: null, due_at: now };
  await write(tx, saga, on, [{ type: "saga", data: { ...data, status } }], now, steps);
}

/** Writes what was asked of a locked saga; whoever shows it hears, and so do the workers when there is something to do. */
export async function write(
  tx: Tx,
  saga: SagaRow,
  patch: SagaPatch,
  news: readonly SagaEvent[],
  at: Date,
  stepPatches: Change["stepPatches"] = new Map(),
): Promise<void> {
  const written = await writeChanges(tx, [{ saga, patch, stepPatches, news, at }]);
  if (!written.has(saga.id)) throw new Error(`Saga ${saga.id} is locked, and was changed all the same`);
  await tell(tx, [saga.id]);
  if (patch.due_at) await ring(tx);
}
