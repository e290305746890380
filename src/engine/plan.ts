import type { SagaRow, StepRow } from "./rows.ts";

/** What a saga will do, as it is stored when it starts; its rows are it from then on. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** The position of the first step that is not rolled back any more; null: all of them are. */
  readonly pivot: number | null;
}

export interface PlannedStep {
  readonly name: string;
  /** Steps whose undo must have succeeded before this one is undone. */
  readonly undoAfter: readonly string[];
}

/** Whether the saga has come so far that it goes forward only: no failure rolls it back, and nobody can cancel it. */
export const isPastPivot = ({ pivot, position }: Pick<SagaRow, "pivot" | "position">): boolean =>
  pivot !== null && position >= pivot;

/** Whether the saga ends when the step at its position is done. */
export const isAtLast = ({ position }: Pick<SagaRow, "position">, steps: readonly StepRow[]): boolean =>
  position === steps.length - 1;

/** The steps that the saga has reached and not undone yet. */
export const openSteps = (position: number, steps: readonly StepRow[]): StepRow[] =>
  steps.slice(0, position + 1).filter((row) => row.status !== "compensated");

/** Of those, the ones that may be undone now, last first: their next try is due, and what must go before them is gone. */
export const undoable = (open: readonly StepRow[], now: Date): StepRow[] =>
  open
    .filter((row) => row.status !== "compensation_failed")
    .filter((row) => !row.retry_at || row.status !== "compensating" || row.retry_at <= now)
    .filter((row) => !open.some((other) => row.undo_after.includes(other.name)))
    .toReversed();
