import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { callForHelp } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { openSteps } from "./plan.ts";
import type { AnyStep } from "./saga.ts";
import type { StepRow } from "./store.ts";
import { changeStep, release, type Turn } from "./turn.ts";

/** How soon a worker of another release may take a saga that this one has given back. Milliseconds. */
const giveBackMs = 5000;

/**
 * How long a saga is given back before a human is called. While a release is rolled out, workers of both run beside each
 * other: that takes minutes, and one that takes longer than this has stopped. Milliseconds.
 */
export const unknownPatienceMs = 10 * 60_000;

/**
 * The name of a step that the saga has come to and this release does not know. Of those that it has left behind, what
 * they wrote belongs to what the next one reads.
 */
export function unknownStep<Io>({ definition, saga, patch, steps }: Turn<Io>): string | undefined {
  const position = patch.position ?? saga.position;
  const back = (patch.direction ?? saga.direction) === "back";
  const matters = (row: StepRow): boolean => back || row.position === position || !wasDoneByHand(row);
  return openSteps(position, steps).find((row) => !definition.named(row.name) && matters(row))?.name;
}

/** An operator has said that it was done: it wrote nothing that anybody reads. */
const wasDoneByHand = ({ output, status }: StepRow): boolean => output !== null && status !== "completed";

/** The step that a row of the saga is about. */
export function stepOf<Io>({ definition, saga }: Turn<Io>, { name }: StepRow): AnyStep<Io> {
  const step = definition.named(name);
  if (!step) throw new Error(`Saga ${saga.id} has come to step ${name}, which this release does not know`);
  return step;
}

/**
 * Gives the saga back, for a worker whose release knows the step: that time is not the step's own, which gets its
 * whole time anew. When none has come in time, a human is called, who retries or resolves it.
 */
export async function giveBack<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>, step: string): Promise<undefined> {
  const now = engine.clock.now();
  const knownBy = turn.saga.known_by ?? after(now, unknownPatienceMs);
  const { name } = turn.saga;
  if (now >= knownBy)
    return callForHelp(engine, tx, turn, {
      code: "unknown_step",
      message: `No worker has come that knows step ${step} of ${name}: start one of the release that began this saga`,
      step,
    });
  engine.log.warn(
    { saga_id: turn.saga.id, step },
    `This release does not know step ${step} of ${name}: it is given back`,
  );
  const given = { ...turn, patch: { ...turn.patch, known_by: knownBy } };
  const waiting = turn.steps
    .filter(hasDeadline)
    .reduce<Turn<Io>>((held, row) => changeStep(held, row, timeAnew, false), given);
  const until = after(now, giveBackMs);
  return release(engine, tx, waiting, until, `a worker whose release knows step ${step}`, null);
}

const hasDeadline = ({ deadline_at: deadline, undo_deadline_at: undoDeadline, status }: StepRow): boolean =>
  ["running", "waiting", "compensating"].includes(status) && (deadline ?? undoDeadline) !== null;

/** Whoever takes it up has its whole time. */
const timeAnew = { deadline_at: null, undo_deadline_at: null };
