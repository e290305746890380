import { wellFormed } from "#well-formed.ts";

/** Rolls the saga back now: trying again would fail again. */
export class PermanentError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PermanentError";
    this.code = code;
  }
}

/** The saga is not ours any more: another worker has it, or it ended. Nothing may be written. */
export class Superseded extends Error {
  constructor(sagaId: string) {
    super(`Saga ${sagaId} is no longer held by this worker; what it did after the loss was not recorded`);
    this.name = "Superseded";
  }
}

/** Somebody cancelled the saga while a step was about to act: the step stops before it does. */
export class CancelSeen extends Error {
  constructor() {
    super("The saga was cancelled");
    this.name = "CancelSeen";
  }
}

/** What a step writes together with its outcome failed: its transaction is lost, and nothing was committed. */
export class OutcomeLost extends Error {
  constructor(cause: unknown) {
    super("What a step writes together with its outcome failed", { cause });
    this.name = "OutcomeLost";
  }
}

/** What an error means for the step that threw it. */
export type Diagnosis =
  | {
      readonly kind: "permanent" | "retry";
      readonly code: string;
      readonly message: string;
      /** What the provider's support asks for. */
      readonly requestId?: string | undefined;
    }
  /** Not a failure of the step: nobody's budget is touched (rule 27, and the request budget of rule 28). */
  | {
      readonly kind: "wait";
      readonly until: Date;
      readonly waitingFor: string;
      readonly watching?: string;
      /** Part of every day: no event tells of it, and no line of the log warns of it. */
      readonly isUsual?: true;
    };

/** A failure as it is stored and shown. */
export interface StoredFailure {
  readonly code: string;
  readonly message: string;
  readonly step: string;
  readonly request_id?: string;
}

/** What went wrong is told in the words of whoever refused: they are made such that they can be stored. */
export const failureOf = (diagnosis: Diagnosis & { kind: "permanent" | "retry" }, step: string): StoredFailure => ({
  code: wellFormed(diagnosis.code),
  message: wellFormed(diagnosis.message),
  step,
  ...(diagnosis.requestId !== undefined && { request_id: wellFormed(diagnosis.requestId) }),
});

/** Diagnoses errors that need no knowledge of the outside world. */
export function diagnosePlain(error: unknown): Diagnosis {
  if (error instanceof PermanentError) return { kind: "permanent", code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "retry", code: "unexpected", message };
}

/**
 * A deadline stands still while a step waits for what is no failure of its own. The time during which the provider was
 * down is given back when it is over, since nobody knows its length before.
 */
export function extended(deadline: Date | null, wait: Diagnosis & { kind: "wait" }, now: Date): Date | null {
  if (!deadline || wait.watching === "provider") return deadline;
  return new Date(deadline.getTime() + Math.max(0, wait.until.getTime() - now.getTime()));
}

const firstPause = 1000;
const longestPause = 60_000;

/** Exponential backoff with half jitter: 1 s, 2 s, … at most a minute; `random` in [0, 1). Milliseconds. */
export function backoff(failures: number, random: number): number {
  const full = Math.min(longestPause, firstPause * 2 ** Math.min(failures - 1, 16));
  return Math.round(full / 2 + (full / 2) * random);
}
