import { describe, expect, test } from "vitest";
import { after } from "#clock.ts";
import { type Decision, decide, type Outcome, type Standing } from "./decide.ts";
import type { Diagnosis } from "./failure.ts";
import { inTransaction, NoWayBack, snooze } from "./step.ts";
import type { StepRow } from "./rows.ts";

const now = new Date("2026-11-26T12:00:00Z");
const soon = after(now, 5000);
const later = after(now, 600_000);

const row: StepRow = {
  saga_id: "a saga",
  position: 1,
  name: "make",
  status: "running",
  intent: null,
  output: null,
  attempts: 1,
  error: null,
  waiting_for: null,
  watching: null,
  retry_at: null,
  started_at: now,
  deadline_at: later,
  finished_at: null,
  undo_attempts: 1,
  undo_after: [],
  undo_started_at: now,
  undo_deadline_at: later,
  undo_finished_at: null,
  undo_error: null,
};
const standing: Standing = {
  row,
  back: false,
  isLast: false,
  isCancelled: false,
  isPastPivot: false,
  tries: 8,
  now,
  random: 0,
};
const cancelled = { isCancelled: true };
const pastPivot = { isPastPivot: true };
const back = { back: true };
const tired = { row: { ...row, attempts: 8, undo_attempts: 8 } };
const overdue = { row: { ...row, deadline_at: now, undo_deadline_at: now } };
/** There is time now, and none any more when it could be tried again. */
const atTheEnd = { row: { ...row, deadline_at: after(now, 100), undo_deadline_at: after(now, 100) } };

const output: Outcome = { verdict: { id: 1 } };
const written: Outcome = { verdict: inTransaction(async () => ({})) };
const wait: Outcome = { verdict: snooze(soon, "a boot", "fleet") };
const failure = (kind: "retry" | "permanent"): Outcome => ({
  diagnosis: { kind, code: "refused", message: "no", requestId: "r1" },
});
const retry = failure("retry");
const permanent = failure("permanent");
const elsewhere: Diagnosis & { kind: "wait" } = { kind: "wait", until: soon, waitingFor: "room" };
const blocked: Outcome = { diagnosis: elsewhere };

/** A decision in a word, with what it is about. */
function told(decision: Decision): string {
  switch (decision.kind) {
    case "done":
      return decision.thenTurnsBack ? "done, then turn back" : "done";
    case "turn back":
    case "turn forward":
      return decision.kind;
    case "failed":
      return `failed: ${decision.error.code}`;
    case "wait": {
      const { until, waitingFor, error, standsStill } = decision.pause;
      const ms = until.getTime() - now.getTime();
      return `wait ${ms} for ${waitingFor}${error ? `, after ${error.code}` : ""}${standsStill ? ", time stands still" : ""}`;
    }
  }
}

type Row = readonly [string, Outcome, Partial<Standing>, string];

const again = "wait 500 for another try of make: no, after refused";
const undoAgain = "wait 500 for another try to undo make: no, after refused";

describe("a step", () => {
  test.each<Row>([
    ["that is done", output, {}, "done"],
    ["that is done in the transaction", written, {}, "done"],
    ["that is done after its time", output, overdue, "done"],
    ["that waits", wait, {}, "wait 5000 for a boot"],
    ["that waits at its last try", wait, tired, "wait 5000 for a boot"],
    ["that waits when its time is over", wait, overdue, "failed: overdue"],
    ["that waits past the pivot when its time is over", wait, { ...overdue, ...pastPivot }, "failed: overdue"],
    ["that fails", retry, {}, again],
    ["that fails at its last try", retry, tired, "failed: refused"],
    [
      "that fails past the pivot, however often",
      retry,
      { row: { ...row, attempts: 99 }, ...pastPivot },
      "wait 30000 for another try of make: no, after refused",
    ],
    ["that has no time for another try", retry, atTheEnd, "failed: refused"],
    ["that fails for good", permanent, {}, "failed: refused"],
    ["that fails for good past the pivot", permanent, pastPivot, again],
    [
      "that fails for good past the pivot, when its time is over",
      permanent,
      { ...overdue, ...pastPivot },
      "failed: refused",
    ],
    ["that waits for what is not its own", blocked, {}, "wait 5000 for room, time stands still"],
    [
      "that waits for what is not its own, whatever the time",
      blocked,
      overdue,
      "wait 5000 for room, time stands still",
    ],
    ["that sees the cancel before it acts", "cancelled", {}, "turn back"],
    ["that is cancelled and done", output, cancelled, "done, then turn back"],
    ["that is cancelled and has writes to commit", written, cancelled, "done, then turn back"],
    ["that is cancelled before the end that it would write", written, { ...cancelled, isLast: true }, "turn back"],
    [
      "that is cancelled at the end, with nothing to write",
      output,
      { ...cancelled, isLast: true },
      "done, then turn back",
    ],
    ["that is cancelled and waits", wait, cancelled, "turn back"],
    ["that is cancelled and fails", retry, cancelled, "turn back"],
    ["that is cancelled and waits for what is not its own", blocked, cancelled, "turn back"],
  ])("%s", (_what, outcome, facts, expected) => {
    expect(told(decide(outcome, { ...standing, ...facts }))).toBe(expected);
  });
});

describe("an undo", () => {
  test.each<Row>([
    ["that is done", { verdict: undefined }, {}, "done"],
    ["that is done after its time", written, overdue, "done"],
    ["that finds no way back", { verdict: new NoWayBack("it is gone") }, cancelled, "turn forward"],
    ["that is done after a cancel", { verdict: undefined }, cancelled, "done"],
    ["that is the last one", written, { ...cancelled, isLast: true }, "done"],
    ["that waits", wait, {}, "wait 5000 for a boot"],
    ["that waits when its time is over", wait, overdue, "failed: undo_overdue"],
    ["that fails", retry, {}, undoAgain],
    ["that fails for good is tried again", permanent, {}, undoAgain],
    [
      "that fails however often",
      retry,
      { row: { ...row, undo_attempts: 99 } },
      "wait 30000 for another try to undo make: no, after refused",
    ],
    ["that has a moment left is tried once more", retry, atTheEnd, undoAgain],
    ["that fails when its time is over", retry, overdue, "failed: refused"],
    [
      "that waits for what is not its own, whatever the time",
      blocked,
      overdue,
      "wait 5000 for room, time stands still",
    ],
  ])("%s", (_what, outcome, facts, expected) => {
    expect(told(decide(outcome, { ...standing, ...back, ...facts }))).toBe(expected);
  });
});

test("what is given up says what it would do if time had stood still", () => {
  expect(decide(permanent, standing)).toMatchObject({
    kind: "failed",
    error: { code: "refused", message: "no", step: "make", request_id: "r1" },
    otherwise: { until: after(now, 500), error: { code: "refused" } },
  });
  expect(decide(wait, { ...standing, ...overdue })).toMatchObject({
    kind: "failed",
    error: { code: "overdue", message: "Still waiting for a boot", step: "make" },
    otherwise: { until: soon, waitingFor: "a boot", watching: "fleet", error: null },
  });
});
