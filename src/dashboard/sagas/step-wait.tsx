import type { Saga, Step } from "#api/sagas.ts";
import { Remaining } from "#dashboard/parts/time.tsx";
import { waitingWords } from "./plain-error.ts";

/** What a step waits for, when it looks again, and what happens if it never comes. */
export function StepWait({ step, saga }: { readonly step: Step; readonly saga: Saga }) {
  const { waiting_for: what, next_try_at: next, deadline_at: deadline } = step;
  if (!what) return null;
  const returns = saga.direction === "forward" && saga.name.startsWith("provision");
  return (
    <p className="step-note">
      Waiting for {waitingWords(what, (step.undo_error ?? step.error)?.message)}
      {next && (
        <span className="step-until">
          next look <Remaining until={next} />
        </span>
      )}
      {deadline && (
        <span className="step-until">
          {returns ? "rolled back" : "a human is called"} <Remaining until={deadline} />
        </span>
      )}
    </p>
  );
}
