import type { SagaEvent } from "#api/sagas.ts";
import { type Output, say } from "#cli/cli.ts";
import { printable } from "#cli/output/printable.ts";
import { duration } from "#cli/output/time.ts";
import { detailsOf, type EventDetails } from "./event-details.ts";

/** Prints one line per change, `<time> <step or saga> <status> …`: for logs, pipes and grep. */
export function plainLines(output: Output, sagaName: string): (event: SagaEvent) => void {
  const begun = new Map<string, string>();
  let waitingFor: string | undefined;
  return (event) => {
    const it = detailsOf(event);
    const subject = it.step ?? sagaName;
    if (it.status === "running" || it.status === "compensating") begun.set(subject, event.at);
    // The saga repeats what its step waits for.
    if (it.step === undefined && it.status === "waiting" && it.waitingFor === waitingFor) return;
    waitingFor = it.waitingFor;
    say(output, [event.at, subject, it.status ?? "changed", ...remarks(it, event.at, begun.get(subject))].join(" "));
  };
}

const finished = new Set(["completed", "failed", "compensated", "compensation_failed", "rolled_back"]);

function remarks(it: EventDetails, at: string, since: string | undefined): string[] {
  return [
    ...(since !== undefined && finished.has(it.status ?? "") ? [`after ${duration(since, at)}`] : []),
    ...(it.waitingFor === undefined ? [] : [`for ${printable(it.waitingFor)}`]),
    ...(it.error === undefined ? [] : [`error: ${printable(it.error)}`]),
    ...(it.note === undefined ? [] : [`note: ${printable(it.note)}`]),
  ];
}
