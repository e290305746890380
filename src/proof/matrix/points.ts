import type { Crossing } from "../stage/scheduler.ts";

/** A crossing or a call of a trial, with the step that was at work. */
export interface Point {
  readonly index: number;
  readonly what: string;
  readonly port: Crossing["port"];
  /** `create_droplet`, or `undo create_droplet`. */
  readonly step: string;
  /** Since the saga began, in virtual time. */
  readonly ms: number;
  /** Of a request: what a person can do to a record of ours that is there. */
  readonly hands?: readonly ("retouch" | "remake")[];
}

export interface CallPoint {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  readonly step: string;
  /** Since the saga began, in virtual time. */
  readonly ms: number;
  /** Its query and its body. */
  readonly sent: string;
}
