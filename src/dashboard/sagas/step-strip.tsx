import type { Saga } from "#api/sagas.ts";
import { toneOf } from "#dashboard/parts/badge.tsx";
import { waitingWords } from "./plain-error.ts";
import { plain } from "./words.ts";

/** A saga in one line: a mark per step, and which one it is at. */
export function StepStrip({ saga }: { readonly saga: Saga }) {
  const at = currentStep(saga);
  const done = saga.steps.filter((step) => step.status === "completed").length;
  return (
    <span
      className="strip"
      title={saga.waiting_for ? `waiting for ${waitingWords(saga.waiting_for, undefined)}` : undefined}
    >
      <span className="strip-marks" role="img" aria-label={`${done} of ${saga.steps.length} steps done`}>
        {saga.steps.map((step) => (
          <i key={step.name} className={toneOf(step.status)} />
        ))}
      </span>
      {at && <span className="strip-text">{plain(at.name)}</span>}
    </span>
  );
}

const currentStep = (saga: Saga) =>
  saga.steps.find((step) => ["running", "waiting", "compensating", "compensation_failed"].includes(step.status)) ??
  saga.steps.find((step) => step.status === "failed");
