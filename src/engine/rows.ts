import type { Selectable } from "kysely";
import type { JsonValue } from "#db/json.ts";
import type { SagaSteps, Sagas } from "#db/schema.ts";

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
