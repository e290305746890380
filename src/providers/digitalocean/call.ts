/**
 * Whose request goes first when the budget is tight (rule 28): rollback and destroy, then create, then
 * waiting, then inventory sync.
 */
export type Priority = "undo" | "create" | "wait" | "sync";

/** The circumstances of one call: how urgent it is, for whom, and when it must no longer happen. */
export interface Call {
  readonly priority: Priority;
  /** It is of use to all who wait for room in its priority: it goes before them. */
  readonly shared?: boolean;
  /** How long it may wait for room in place, in milliseconds; by default a little. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  readonly sagaId?: string;
  /** Checked immediately before the bytes are sent; a request still under way at that time is aborted (rule 12). */
  readonly notAfter?: Date;
  /** Told of a try whose outcome is unknown, also where a later one is answered: it may still take effect. */
  readonly onUnclear?: () => void;
  /**
   * Takes no place in the budget, and its answer tells the budget nothing: for the question whose account is behind a
   * token, since what another account's token is given is not ours to count.
   */
  readonly unbudgeted?: boolean;
}
