import type { Selectable } from "kysely";
import type { JsonValue } from "#db/json.ts";
import type { SagaSteps, Sagas } from "#db/schema.ts";
import type { TellsOfStep } from "#step-begun.ts";

export type SagaRow = Selectable<Sagas>;
export type StepRow = Selectable<SagaSteps>;
export type SagaPatch = Partial<SagaRow>;
export type StepPatch = Partial<StepRow>;
/** Changes of a saga's steps, by their positions. */
export type StepPatches = ReadonlyMap<number, StepPatch>;

/** A value as a jsonb column gives it back. @throws what no JSON can hold */
export const asStored = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value));

/** A state change, as a reader of the saga's history sees it. Never holds outputs or secrets. */
export interface SagaEvent {
  readonly type: "saga" | "step";
  readonly data: Record<string, unknown>;
}

/** What is to be written of a saga and its steps. */
interface Patches {
  readonly saga: TellsOfStep;
  readonly patch: SagaPatch;
  readonly stepPatches: StepPatches;
}

/** The saga's row tells no more of a step that its own tells of from now on. */
export const sagaPatchOf = ({ saga, patch, stepPatches }: Patches): SagaPatch =>
  saga.step_started_at && stepPatches.has(saga.position) ? { step_started_at: null, ...patch } : patch;

/**
 * What is written of each step's row: all that has been told by the saga's, where it says something for the first time.
 * `keeps_deadline`: the saga's row knows how long it may take, which may have become later meanwhile (rule 27).
 */
export function stepPatchesOf({ saga, patch, stepPatches }: Patches) {
  const { position: current, step_started_at: started_at, step_deadline_at: deadline_at } = saga;
  return [...stepPatches].map(([position, said]) => {
    if (!started_at || position !== current) return { position, patch: said };
    const isBegun = { status: "running", attempts: 1, started_at } as const;
    if (patch.step_started_at) return { position, patch: { ...isBegun, deadline_at, ...said } };
    return { position, patch: { ...isBegun, ...said }, keeps_deadline: !("deadline_at" in said) };
  });
}

/** A step's state, as the history and the live views show it. An event's `error` is that of the try it tells of. */
export function stepEvent(row: StepRow): SagaEvent {
  const error = row.undo_started_at === null ? row.error : row.undo_error;
  return {
    type: "step",
    data: {
      name: row.name,
      status: row.status,
      attempts: row.attempts,
      ...(error !== null && { error }),
      ...(row.undo_error !== null && { undo_error: row.undo_error }),
      ...(row.waiting_for !== null && { waiting_for: row.waiting_for }),
    },
  };
}
