import type { Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { isUnreachable } from "#db/violation.ts";
import { giveBackIfAbsent } from "./attendance.ts";
import { type BegunSaga, type ClaimedSaga, isCancelled, isGoingBack, withSteps } from "./claimed-saga.ts";
import { type Decision, decide, type Outcome, type Standing } from "./decide.ts";
import type { Engine } from "./engine.ts";
import { OutcomeLost, Superseded } from "./failure.ts";
import { locked, writeOne } from "./fence.ts";
import { sayWhatBecame } from "./finish.ts";
import { follow } from "./follow.ts";
import { isAtLast, isPastPivot } from "./plan.ts";
import type { StepRow } from "./rows.ts";
import { InTransaction } from "./step.ts";
import { lockSaga, readSteps } from "./store.ts";

const defaultTries = 8;

/**
 * Commits what a step, or an undo, came to, with the next one begun (rule 2); where it cannot be written, what that means
 * for the step: one that the database cannot hold is a failed try (rule 10). Were it dropped, the step would be tried for
 * ever, and whatever it does outside done each time.
 * @returns what was written
 */
export async function commit<Io>(
  engine: Engine<Io>,
  begun: BegunSaga<Io>,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<ClaimedSaga<Io>> {
  const written = await committed(engine, begun, outcome, signal);
  engine.announce([begun.saga.id]);
  await sayWhatBecame(engine, written);
  return written;
}

async function committed<Io>(
  engine: Engine<Io>,
  begun: BegunSaga<Io>,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<ClaimedSaga<Io>> {
  const now = engine.clock.now();
  const decision = decide(outcome, standingOf(engine, begun, now));
  let tried: ClaimedSaga<Io> | undefined;
  if (isShared(begun, decision)) {
    const verdict = verdictOf(outcome);
    const shared = await engine.lane.commit({
      saga: begun,
      write: verdict instanceof InTransaction ? (tx) => verdict.write(tx) : undefined,
      follow: (given) => {
        const output = outputOf(begun, decision, verdict instanceof InTransaction ? given : verdict);
        return follow(engine, begun, decision, output, now);
      },
    });
    if ("written" in shared) return shared.written;
    tried = shared.alone.tried;
  }
  try {
    return await alone(engine, begun, outcome, tried);
  } catch (error) {
    if (!isRolledBack(error)) throw error;
    engine.log.warn(
      { err: error, saga_id: begun.saga.id },
      "A step's outcome could not be written; it counts as a failed try",
    );
    const cause = error instanceof OutcomeLost ? error.cause : error;
    return alone(engine, begun, { diagnosis: await engine.diagnose(cause, signal) }, undefined);
  }
}

/**
 * Whether nothing but what this worker knows decides what becomes of the step. What others may have written meanwhile,
 * a time that was given back or an intent, is read by the others under the saga's lock.
 */
function isShared<Io>(begun: BegunSaga<Io>, decision: Decision): boolean {
  if (isGoingBack(begun) && begun.step.intends) return false;
  if (decision.kind === "done") return !decision.thenTurnsBack;
  return decision.kind === "wait" && !decision.pause.standsStill;
}

/** Commits one outcome by itself, by the rows as they are now. */
async function alone<Io>(
  engine: Engine<Io>,
  begun: BegunSaga<Io>,
  outcome: Outcome,
  tried: ClaimedSaga<Io> | undefined,
): Promise<ClaimedSaga<Io>> {
  const at = engine.clock.now();
  if (decide(outcome, standingOf(engine, begun, at)).kind === "failed") await giveBackIfAbsent(engine.db, at);
  return transact(engine.db, async (tx) => {
    if (tried && (await isWritten(tx, begun, tried))) return tried;
    const held = await locked<Io, BegunSaga<Io>>(tx, begun);
    const now = engine.clock.now();
    let decision = decide(outcome, standingOf(engine, held, now));
    const rows = await readSteps(tx, held.saga);
    const row = rows[held.row.position] ?? held.row;
    // What it ended in is no try after time has stood still, and nothing is given up for it.
    if (decision.kind === "failed" && isLater(deadlineOf(held, row), deadlineOf(held, held.row)))
      decision = { kind: "wait", pause: decision.otherwise };
    const current = { ...withSteps<Io, BegunSaga<Io>>(held, rows), row };
    const written = follow(engine, current, decision, await writeOutcome(tx, current, decision, outcome), now);
    await writeOne(tx, written);
    return written;
  });
}

const deadlineOf = <Io>(begun: BegunSaga<Io>, row: StepRow): Date | null =>
  isGoingBack(begun) ? row.undo_deadline_at : row.deadline_at;

const isLater = (now: Date | null, before: Date | null): boolean => now !== null && before !== null && now > before;

/**
 * Whether a commit of which nobody knows how it ended has taken place: under this epoch nobody else moves the saga on,
 * so if it has moved as it was to, it has.
 */
async function isWritten<Io>(tx: Tx, { saga, row }: BegunSaga<Io>, tried: ClaimedSaga<Io>): Promise<boolean> {
  const now = await lockSaga(tx, saga.id);
  if (now?.epoch !== saga.epoch) return false;
  if (tried.next === undefined) return now.lease_owner === null && now.status === (tried.patch.status ?? saga.status);
  const rows = await readSteps(tx, now);
  const goal = tried.steps[row.position];
  const found = rows[row.position];
  return goal !== undefined && found !== undefined && markOf(found) === markOf(goal) && markOf(goal) !== markOf(row);
}

const markOf = ({ status, attempts, undo_attempts, finished_at, undo_finished_at, retry_at }: StepRow): string =>
  JSON.stringify([status, attempts, undo_attempts, finished_at, undo_finished_at, retry_at]);

const verdictOf = (outcome: Outcome): unknown =>
  outcome !== "cancelled" && "verdict" in outcome ? outcome.verdict : undefined;

/** What a step that is done has written; an undo writes nothing that is kept. */
const outputOf = <Io>(begun: BegunSaga<Io>, decision: Decision, output: unknown): unknown =>
  decision.kind === "done" && !isGoingBack(begun) ? begun.step.writes.parse(output) : undefined;

/** The output, with what the step writes along. @throws {OutcomeLost} when those writes fail, or it is not what the step may write. */
async function writeOutcome<Io>(tx: Tx, begun: BegunSaga<Io>, decision: Decision, outcome: Outcome): Promise<unknown> {
  if (decision.kind !== "done") return undefined;
  const verdict = verdictOf(outcome);
  try {
    return outputOf(begun, decision, verdict instanceof InTransaction ? await verdict.write(tx) : verdict);
  } catch (error) {
    throw new OutcomeLost(error);
  }
}

/** Whether a transaction that ended in this error has certainly changed nothing, and the saga is still ours. */
const isRolledBack = (error: unknown): boolean =>
  error instanceof OutcomeLost || !(error instanceof Superseded || isUnreachable(error));

function standingOf<Io>(engine: Engine<Io>, begun: BegunSaga<Io>, now: Date): Standing {
  const { saga, steps, step, row } = begun;
  return {
    row,
    back: isGoingBack(begun),
    isLast: isAtLast(saga, steps),
    isCancelled: isCancelled(begun),
    isPastPivot: isPastPivot(saga),
    tries: step.budget?.(engine.context(saga)).tries ?? defaultTries,
    now,
    // Drawn only where it spreads those who try again.
    get random() {
      return engine.ids.random();
    },
  };
}
