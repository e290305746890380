import type { Crossing } from "../stage/scheduler.ts";
import type { HandKind } from "./trial.ts";

/** A crossing or a call of a trial, with the step that was at work. */
export interface Point {
  readonly index: number;
  readonly what: string;
  readonly port: Crossing["port"];
  /** `create_droplet`, or `undo create_droplet`. */
  readonly step: string;
  /** Since the saga began, in virtual time. */
  readonly ms: number;
  /** Of a request: what a person can do to what is ours and there. */
  readonly hands?: readonly HandKind[];
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

export const isRequest = ({ port, what }: Pick<Point, "port" | "what">): boolean =>
  port === "provider" && !what.includes(":");

/** Whose account it is, a worker asks for itself, between whatever its sagas ask. */
export const isOfSaga = (point: Pick<Point, "port" | "what">): boolean =>
  isRequest(point) && point.what !== "GET /v2/account";
