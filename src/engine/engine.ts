import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { Diagnosis } from "./failure.ts";
import type { Lane } from "./lane.ts";
import type { SagaPatch, SagaRow } from "./rows.ts";
import type { AnySaga } from "./saga.ts";

/** Why a saga may not run, or a chore not be done, at the moment, and when to ask again. */
export class Hold {
  readonly until: Date;
  readonly reason: string;

  constructor(until: Date, reason: string) {
    this.until = until;
    this.reason = reason;
  }
}

/** May this saga run now? What is to be stamped on it if so. */
export type Admit = (saga: SagaRow) => Hold | SagaPatch;

/** All that running a saga needs. Built once per worker. */
export interface Engine<Io> {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** On which outcomes are committed together. */
  readonly lane: Lane<Io>;
  readonly workerId: string;
  /** How long a claim holds without being renewed, in milliseconds. */
  readonly leaseMs: number;
  /** How long a compensation, or a step of a forward-only saga, may keep failing, in milliseconds. */
  readonly patienceMs: number;
  readonly sagas: ReadonlyMap<string, AnySaga<Io>>;
  /** What the steps of this saga are given beside what every attempt has. */
  readonly context: (saga: SagaRow) => Io;
  readonly diagnose: (error: unknown, signal: AbortSignal) => Promise<Diagnosis>;
  /** What a saga that stops for good has at the provider, by kind: ids for the log. Asked once its row says so. */
  readonly leaves: (db: Db, sagaId: string) => Promise<Readonly<Record<string, readonly (number | string)[]>>>;
  /** Asked whenever sagas are taken, once for all of them. */
  readonly admit: (tx: Tx) => Promise<Admit>;
  /** Hears which sagas have changed, once that is committed. */
  readonly announce: (sagaIds: readonly string[]) => void;
}
