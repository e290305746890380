import type { z } from "zod";
import type { Tx } from "#db/connection.ts";

/** A verdict: give the worker back and run again at `until`, or earlier when what is watched is seen. */
export class Snooze {
  readonly until: Date;
  readonly waitingFor: string;
  readonly watching: string | null;
  /** Its end is known from the beginning: it counts against no deadline. */
  readonly endsForSure: boolean;

  constructor(until: Date, waitingFor: string, watching: string | null, endsForSure = false) {
    this.until = until;
    this.waitingFor = waitingFor;
    this.watching = watching;
    this.endsForSure = endsForSure;
  }
}

/**
 * @param until when to run again at the latest
 * @param waitingFor for people: what is being waited for
 * @param watching what wakes the saga before that: a word that whoever sees it happen wakes by
 */
export const snooze = (until: Date, waitingFor: string, watching?: string): Snooze =>
  new Snooze(until, waitingFor, watching ?? null);

/** Waits for nothing but a moment: deadlines stand still meanwhile. @param waitingFor for people: what is over then */
export const waitUntil = (until: Date, waitingFor: string): Snooze => new Snooze(until, waitingFor, null, true);

/**
 * A verdict of an undo: what its saga would go back to is not there any more, and what it has made is all that there is. The
 * saga goes forward after all, and forward only from then on (rule 8).
 */
export class NoWayBack {
  /** For people. */
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** A verdict: the output comes out of writes that commit together with the step's outcome (rule 2). */
export class InTransaction<Output> {
  readonly write: (tx: Tx) => Promise<Output>;

  constructor(write: (tx: Tx) => Promise<Output>) {
    this.write = write;
  }
}

export const inTransaction = <Output>(write: (tx: Tx) => Promise<Output>): InTransaction<Output> =>
  new InTransaction(write);

/** What a step's run may end in, besides throwing: a PermanentError rolls back now, any other error is tried again. */
export type Verdict<Output> = Output | Snooze | InTransaction<Output>;

/** How often and for how long a step is tried before the saga rolls back. */
export interface Budget {
  readonly tries: number;
  readonly ms: number;
}

/** The saga a step runs for. */
export interface SagaFacts {
  readonly id: string;
  readonly name: string;
  readonly startedAt: Date;
  /** Why it turns back, when it does. */
  readonly reason: string | undefined;
}

/** What every attempt of one step can count on. */
export interface Attempt<Intent> {
  readonly saga: SagaFacts;
  /** The step's own name. */
  readonly step: string;
  /** What an earlier attempt said it was about to do, if one got so far. */
  readonly intent: Intent | undefined;
  /** Commits, under the fence, what is about to be done. Does not return when the saga is no longer ours. */
  intend(intent: Intent): Promise<void>;
  /** Commits, under the fence, rows that the step has to keep before it goes on. Does not return where `intend` does not. */
  commit(write: (tx: Tx) => Promise<void>): Promise<void>;
  /** Adds a line to the saga's events: what a reader of its history has to know. */
  note(message: string): Promise<void>;
  /** When this step (or its compensation) began, and when it is given up. */
  readonly startedAt: Date;
  readonly deadline: Date;
  /** Aborts when the worker stops or has lost the saga. */
  readonly signal: AbortSignal;
}

/**
 * A unit of work and its undo. `Reads` is what earlier steps wrote; `Output` joins the saga's context.
 * Functions are properties, not methods: method parameters are bivariant and would turn the order check off.
 */
export interface Step<Name extends string, Reads, Output extends object, Intent, Io> {
  readonly name: Name;
  /** Checked when written and again when read back: a newer release may resume an older saga. */
  readonly writes: z.ZodType<Output>;
  readonly intends?: z.ZodType<Intent>;
  readonly budget?: (io: Io) => Budget;
  /**
   * What of it only the saga itself can do, since it moves rows of ours: no operator's word stands for that, and it is tried
   * again. By default nothing.
   */
  readonly notByHand?: "step" | "undo";
  /** Steps whose undo must have succeeded before this one is undone; "all": this one is undone last. */
  readonly undoAfter?: readonly string[] | "all";
  readonly execute: (reads: Reads, io: Io & Attempt<Intent>) => Promise<Verdict<Output>>;
  /** Safe to run twice, and when the step never ran: its own output is undefined when no outcome was committed. */
  readonly compensate: (
    reads: Reads & { readonly [Key in keyof Output]: Output[Key] | undefined },
    io: Io & Attempt<Intent>,
  ) => Promise<Verdict<void> | NoWayBack>;
}
