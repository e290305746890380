import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { storable } from "#db/storable.ts";
import { isUnreachable } from "#db/violation.ts";
import type { Engine } from "./engine.ts";
import { CancelSeen, type Diagnosis, OutcomeLost, PermanentError, Superseded } from "./failure.ts";
import type { AnyStep } from "./saga.ts";
import { type Attempt, InTransaction } from "./step.ts";
import { type StepRow, writeStep } from "./store.ts";
import { type Begun, change, fenced, isCancelled, type Turn, write } from "./turn.ts";

/** What the steps before `position` wrote, merged: the saga's context. */
export function contextOf<Io>(turn: Turn<Io>, position: number): Record<string, unknown> {
  const context: Record<string, unknown> = { input: turn.definition.input.parse(turn.saga.input) };
  for (const { name, output } of turn.steps.slice(0, position)) {
    const step = turn.definition.named(name);
    if (step) Object.assign(context, readBack(step, "writes", output ?? {}));
  }
  return context;
}

/** The step's own output when an outcome was committed; nothing otherwise. */
export function ownOutput<Io>(step: AnyStep<Io>, row: StepRow): Record<string, unknown> {
  return row.output === null ? {} : readBack(step, "writes", row.output);
}

function readBack<Io>(step: AnyStep<Io>, which: "writes" | "intends", stored: unknown): Record<string, unknown> {
  const parsed = (step[which] ?? z.never()).safeParse(stored);
  if (parsed.success) return parsed.data;
  const lead = `What step ${step.name} stored (${which}) cannot be read by this release`;
  throw new PermanentError("unreadable_state", `${lead}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}

/** The output, with what the step writes along. @throws {OutcomeLost} when those writes fail, or it is not what the step may write. */
export async function writeOutcome<Output>(
  verdict: unknown,
  tx: Tx,
  parse: (output: unknown) => Output,
): Promise<Output> {
  try {
    return parse(verdict instanceof InTransaction ? await verdict.write(tx) : verdict);
  } catch (error) {
    throw new OutcomeLost(error);
  }
}

/**
 * Commits an outcome, or, when it cannot be written, what that means for the step: one that the database cannot hold is
 * a failed try. Were it dropped, the step would be tried for ever, and whatever it does outside done each time.
 */
export async function settle<Io, Outcome, Result>(
  engine: Engine<Io>,
  sagaId: string,
  signal: AbortSignal,
  outcome: Outcome,
  commit: (outcome: Outcome | { readonly diagnosis: Diagnosis }) => Promise<Result>,
): Promise<Result> {
  try {
    return await commit(outcome);
  } catch (error) {
    if (!isRolledBack(error)) throw error;
    engine.log.warn(
      { err: error, saga_id: sagaId },
      "A step's outcome could not be written; it counts as a failed try",
    );
    return commit({ diagnosis: await engine.diagnose(error instanceof OutcomeLost ? error.cause : error, signal) });
  }
}

/** Whether a transaction that ended in this error has certainly changed nothing, and the saga is still ours. */
const isRolledBack = (error: unknown): boolean =>
  error instanceof OutcomeLost || !(error instanceof Superseded || isUnreachable(error));

const storedError = z.object({ message: z.string(), step: z.string().optional() });

/** A saga's error in words, with the step it came from. */
function reasonOf(error: unknown): string | undefined {
  const parsed = storedError.safeParse(error);
  if (!parsed.success) return undefined;
  const { message, step } = parsed.data;
  return step ? `${step}: ${message}` : message;
}

/** The world plus what an attempt of the step that has begun can count on. */
export function attemptOf<Io>(engine: Engine<Io>, turn: Begun<Io>, signal: AbortSignal): Io & Attempt<unknown> {
  const { saga, step, row } = turn;
  const back = saga.direction === "back";
  const now = engine.clock.now();
  let current = row;
  const attempt: Attempt<unknown> = {
    saga: { id: saga.id, name: saga.name, startedAt: saga.started_at ?? now, reason: reasonOf(saga.error) },
    step: step.name,
    get intent() {
      return current.intent === null ? undefined : readBack(step, "intends", current.intent);
    },
    intend: (intent) =>
      attempt.commit(async (tx) => {
        current = await writeStep(tx, current, { intent: JSON.stringify((step.intends ?? z.never()).parse(intent)) });
      }),
    async commit(work) {
      const cancelled = await fenced(engine, turn, async (tx, held) => {
        if (!back && isCancelled(held)) return true;
        await work(tx);
        return false;
      });
      if (cancelled) throw new CancelSeen();
      signal.throwIfAborted();
    },
    async note(message) {
      const data = { name: step.name, status: current.status, note: storable(message) };
      const event = { type: "step" as const, data };
      await fenced(engine, turn, (tx, held) => write(tx, change(held, {}, [event]), engine.clock.now()));
    },
    startedAt: (back ? row.undo_started_at : row.started_at) ?? now,
    deadline: (back ? row.undo_deadline_at : row.deadline_at) ?? now,
    signal,
  };
  // The getter must stay one: an intent written during the attempt is what the attempt reads back.
  return Object.defineProperties(Object.create(null), {
    ...Object.getOwnPropertyDescriptors(engine.world(saga)),
    ...Object.getOwnPropertyDescriptors(attempt),
  });
}
