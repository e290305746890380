/** Of a step that runs for the first time its saga's row alone tells: to begin it costs no second row. */
export interface TellsOfStep {
  /** Which step it is. */
  readonly position: number;
  /** Null once the step's own row says what it came to. */
  readonly step_started_at: Date | null;
  readonly step_deadline_at: Date | null;
}

interface Tried {
  readonly status: string;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly deadline_at: Date | null;
}

/** The steps of a saga as they are. @param rows all of them, in their order, as the database has them */
export function asBegun<Row extends Tried>(saga: TellsOfStep, rows: readonly Row[]): readonly Row[] {
  const { position, step_started_at: started_at, step_deadline_at: deadline_at } = saga;
  const row = rows[position];
  if (!started_at || row?.status !== "pending") return rows;
  return rows.with(position, { ...row, status: "running", attempts: 1, started_at, deadline_at });
}
