import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { Diagnosis } from "./failure.ts";
import type { AnySaga } from "./saga.ts";
import type { SagaPatch, SagaRow } from "./store.ts";

/** Why a saga may not run, or a chore not be done, at the moment, and when to ask again. */
export class Hold {
  readonly until: Date;
  readonly reason: string;

  constructor(until: Date, reason: string) {
    this.until = until;
    this.reason = reason;
  }
}

/** Wake-ups, as the engine needs them: written in the transaction that makes them necessary. */
export interface WakeUps {
  /** Sets the saga's next wake-up, pulled forward or put off. The caller holds the saga's row: the last word is right. */
  wake(tx: Tx, sagaId: string, at: Date): Promise<void>;
  /** Ends the wake-up that is being worked on. @throws {Superseded} when it is no longer ours. */
  complete(tx: Tx, sagaId: string, jobId: string): Promise<void>;
}

/** All that running a saga needs. Built once per worker. */
export interface Engine<Io> {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly wakeUps: WakeUps;
  readonly workerId: string;
  /** How long a claim holds without being renewed, in milliseconds. */
  readonly leaseMs: number;
  /** How long a compensation, or a step of a forward-only saga, may keep failing, in milliseconds. */
  readonly patienceMs: number;
  readonly sagas: ReadonlyMap<string, AnySaga<Io>>;
  /** The outside world, as this saga's steps see it. */
  readonly world: (saga: SagaRow) => Io;
  readonly diagnose: (error: unknown, signal: AbortSignal) => Promise<Diagnosis>;
  /** What a saga that stops for good has at the provider, by kind: ids for the log. Asked once its row says so. */
  readonly leaves: (tx: Tx, sagaId: string) => Promise<Readonly<Record<string, readonly number[]>>>;
  /** Asked at every claim: may this saga run now? What is to be stamped on it if so. */
  readonly admit: (tx: Tx, saga: SagaRow) => Promise<Hold | SagaPatch>;
}
