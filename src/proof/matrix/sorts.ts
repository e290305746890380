import type { Scenario } from "../scenarios.ts";
import { faults } from "./faults.ts";
import type { CallPoint } from "./points.ts";
import { type Disturbance, isStuck, type Trial } from "./trial.ts";

/** Of the whole run, and not of one place in it. */
export const isGeneral = ({ kind }: Disturbance): boolean => kind === "lag" || kind === "ticks" || kind === "workers";

/** What has not happened before it was found, or a human was called: its place alone is not enough. */
export const isCalledFor = (it: Disturbance): boolean =>
  isStuck(it) || it.kind === "older" || it.kind === "outdated" || it.kind === "restore";

/** Whether more comes of it long after all has ended. */
export const isLate = (trial: Trial): boolean =>
  trial.some(
    (it) =>
      it.kind === "hides" ||
      it.kind === "copy" ||
      // What an earlier saga gave up is looked for meanwhile, and not found: the next look is two hours later.
      (it.kind === "long" && it.fault === "list-lag") ||
      (it.kind === "fault" && faults.some((fault) => fault.lateByMs && fault.name === it.fault)),
  );

/** What is resolved has all its time: what was not done is found before the undo that it is in the way of is given up. */
export const isSoonStuck = (it: Disturbance): boolean => it.kind === "retried" || it.kind === "undo-retried";

/** Whether something was to be done by hand, and was not: it is found 15 minutes later. */
export const isLeftToHands = (trial: Trial): boolean =>
  trial.some(({ kind }) => kind === "resolved" || kind === "undo-resolved");

/** Whether it is excused that somebody is led astray, or left without what they were led to. */
export function isNobodysFault({ missed }: Scenario, trial: Trial, calls: readonly CallPoint[]): boolean {
  return trial.some((it) => {
    // What nobody could see for longer than absence takes to be believed: it is found later.
    if (it.kind === "hides") return true;
    if (it.kind !== "fault") return false;
    // What a change of ours does an hour late, too.
    return it.fault === "get-lag" ? missed === true : it.fault === "an-hour-late" && calls[it.call]?.method === "PUT";
  });
}
