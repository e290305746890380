import type { SagaEvent } from "#api/sagas.ts";
import { type Output, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { duration } from "#cli/output/time.ts";
import { detailsOf, type EventDetails } from "./event-details.ts";

/** Prints one line per change, `<time> step|saga <name> <status> … (<limits>)`: for logs, pipes and grep. */
export function plainLines(output: Output, sagaName: string): (event: SagaEvent, limits?: string) => void {
  const begun = new Map<string, string>();
  const told = new Map<string, EventDetails>();
  const waits = new Map<string, string | undefined>();
  return (event, limits) => {
    const it = detailsOf(event);
    const subject = it.step === undefined ? `saga ${sagaName}` : `step ${it.step}`;
    const before = told.get(subject);
    const skipped = it.step === undefined ? sagaRepeats(it, before, waits) : stepRepeats(it, before);
    if (it.step !== undefined && it.note === undefined) waits.set(it.step, it.waitingFor);
    if (skipped) return;
    if (it.note === undefined) told.set(subject, it);
    if (it.status === "running" || (it.step && it.status === "compensating")) begun.set(subject, event.at);
    const said = remarks(it, event.at, begun.get(subject));
    say(output, [event.at, subject, it.status ?? "changed", ...said, ...(limits ? [`(${limits})`] : [])].join(" "));
  };
}

/** A step looks whether its wait is over, and waits on for the same. */
function stepRepeats(it: EventDetails, before: EventDetails | undefined): boolean {
  if (it.error !== undefined || it.note !== undefined || before === undefined) return false;
  if (it.status === "running") return it.attempts === before.attempts && isUnderWay(before);
  return it.status === "waiting" && it.waitingFor === before.waitingFor;
}

const isUnderWay = ({ status }: EventDetails): boolean => status === "running" || status === "waiting";

/** The saga says again what a step waits for, and when that wait is over. */
function sagaRepeats(
  it: EventDetails,
  before: EventDetails | undefined,
  waits: ReadonlyMap<string, string | undefined>,
): boolean {
  if (it.error !== undefined || it.note !== undefined) return false;
  if (it.status === "running") return before?.status === "running";
  if (it.status !== "waiting" && it.status !== "compensating") return false;
  return (
    it.waitingFor === undefined || it.waitingFor === before?.waitingFor || [...waits.values()].includes(it.waitingFor)
  );
}

const finished = new Set(["completed", "failed", "compensated", "compensation_failed", "rolled_back"]);

function remarks(it: EventDetails, at: string, since: string | undefined): string[] {
  return [
    ...(since !== undefined && finished.has(it.status ?? "") ? [`after ${duration(since, at)}`] : []),
    ...(it.waitingFor === undefined
      ? []
      : [`${it.status === "compensating" ? "waiting for" : "for"} ${printable(it.waitingFor)}`]),
    ...(it.error === undefined ? [] : [`error: ${printable(it.error)}`]),
    ...(it.note === undefined ? [] : [`note: ${printable(it.note)}`]),
  ];
}
