import type { Saga, Step } from "#api/sagas.ts";
import { Badge, toneOf } from "#dashboard/parts/badge.tsx";
import { Lasting } from "#dashboard/parts/time.tsx";
import { ErrorDetail } from "./error-detail.tsx";
import { inPlainWords } from "./plain-error.ts";
import { placeOn, type Span } from "./use-span.ts";
import { StepMark } from "./step-mark.tsx";
import { StepWait } from "./step-wait.tsx";
import { plain } from "./words.ts";

const undoWords: Readonly<Partial<Record<Step["status"], string>>> = {
  compensating: "undoing for",
  compensation_failed: "not undone after",
};

/** The mark says these by itself, and the time beside it. */
const marked: ReadonlySet<Step["status"]> = new Set(["pending", "completed", "compensated"]);

const failed: ReadonlySet<Step["status"]> = new Set(["failed", "compensation_failed"]);

/** One step: its state, what it waits for, what failed, how long it took, and its undoing. */
export function TimelineStep(props: { readonly step: Step; readonly span: Span; readonly saga: Saga }) {
  const { step, span, saga } = props;
  const undoing = saga.direction === "back" && step.undo_started_at !== null;
  const failedHere = saga.error?.["step"] === step.name;
  const errors = [step.error ?? (failedHere ? saga.error : null), step.undo_error].filter((error) => error !== null);
  // What the saga says above its steps is not said again.
  const told = [saga.error?.message, saga.stuck_error?.message];
  return (
    <li className={`step ${toneOf(step.status)}`} data-step={step.name} data-status={step.status}>
      <StepMark status={step.status} />
      <div className="step-head">
        <strong>{plain(step.name)}</strong>
        {marked.has(step.status) ? <span className="unseen">{step.status}</span> : <Badge status={step.status} />}
        {failedHere && !failed.has(step.status) && <span className="badge bad">failed here</span>}
        {step.attempts > 1 && <span className="faint">{step.attempts} attempts</span>}
        {step.undo_attempts > 1 && <span className="faint">{step.undo_attempts} attempts to undo</span>}
      </div>
      <div className="step-time">
        {step.started_at && (
          <span>
            <Lasting from={step.started_at} to={step.finished_at ?? step.undo_started_at} />
          </span>
        )}
        {undoing && step.undo_started_at && (
          <span className="undo-time">
            {undoWords[step.status] ?? "undone in"} <Lasting from={step.undo_started_at} to={step.undo_finished_at} />
          </span>
        )}
      </div>
      <div className="lane" aria-hidden="true">
        {step.started_at && (
          <i className="bar" style={placeOn(span, step.started_at, step.finished_at ?? step.undo_started_at)} />
        )}
        {undoing && step.undo_started_at && (
          <i className="bar undo" style={placeOn(span, step.undo_started_at, step.undo_finished_at)} />
        )}
      </div>
      <StepWait step={step} saga={saga} />
      {errors.map((error) => (
        <div key={error.message} className="step-note bad">
          {!told.includes(error.message) && inPlainWords(error.message).said}
          <ErrorDetail error={error} />
        </div>
      ))}
    </li>
  );
}
