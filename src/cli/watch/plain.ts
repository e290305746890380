import type { SagaEvent } from "#api/sagas.ts";
import { type Output, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { duration } from "#cli/output/time.ts";
import { detailsOf, type EventDetails } from "./event-details.ts";

/** Prints one line per change, `<time> step|saga <name> <status> …`: for logs, pipes and grep. */
export function plainLines(output: Output, sagaName: string): (event: SagaEvent) => void {
  const begun = new Map<string, string>();
  let told: string | undefined;
  return (event) => {
    const it = detailsOf(event);
    if (repeats(it, told)) return;
    told = it.waitingFor;
    const subject = it.step === undefined ? `saga ${sagaName}` : `step ${it.step}`;
    if (it.status === "running" || (it.step && it.status === "compensating")) begun.set(subject, event.at);
    say(output, [event.at, subject, it.status ?? "changed", ...remarks(it, event.at, begun.get(subject))].join(" "));
  };
}

/** The saga says again what its step waits for, and when that wait is over. */
const repeats = (it: EventDetails, told: string | undefined): boolean =>
  it.step === undefined &&
  (it.status === "waiting" || it.status === "compensating") &&
  it.error === undefined &&
  (it.waitingFor === undefined || it.waitingFor === told);

const finished = new Set(["completed", "failed", "compensated", "compensation_failed", "rolled_back"]);

function remarks(it: EventDetails, at: string, since: string | undefined): string[] {
  return [
    ...(since !== undefined && finished.has(it.status ?? "") ? [`after ${duration(since, at)}`] : []),
    ...(it.waitingFor === undefined ? [] : [`for ${printable(it.waitingFor)}`]),
    ...(it.error === undefined ? [] : [`error: ${printable(it.error)}`]),
    ...(it.note === undefined ? [] : [`note: ${printable(it.note)}`]),
  ];
}
