import type { Step } from "#api/sagas.ts";
import { Badge, toneOf } from "#dashboard/parts/badge.tsx";
import { Lasting } from "#dashboard/parts/time.tsx";
import { placeOn, type Span } from "./use-span.ts";
import { StepMark } from "./step-mark.tsx";
import { plain } from "./words.ts";

const undoWords: Readonly<Partial<Record<Step["status"], string>>> = {
  compensating: "undoing for",
  compensation_failed: "not undone after",
};

/** One step: its state, what it waits for, what failed, how long it took, and its undoing. */
export function TimelineStep(props: {
  readonly step: Step;
  readonly span: Span;
  readonly back: boolean;
  /** The saga turned back because of this step. */
  readonly failedHere: boolean;
}) {
  const { step, span, back, failedHere } = props;
  const undoing = back && step.undo_started_at !== null;
  return (
    <li className={`step ${toneOf(step.status)}`} data-step={step.name} data-status={step.status}>
      <StepMark status={step.status} />
      <div className="step-head">
        <strong>{plain(step.name)}</strong>
        <Badge status={step.status} />
        {failedHere && step.status !== "failed" && <span className="badge bad">failed here</span>}
        {step.attempts > 1 && <span className="faint">{step.attempts} attempts</span>}
        {step.undo_attempts > 1 && <span className="faint">{step.undo_attempts} attempts to undo</span>}
      </div>
      <div className="step-time">
        {step.started_at && <Lasting from={step.started_at} to={step.finished_at ?? step.undo_started_at} />}
        {undoing && step.undo_started_at && (
          <span className="undo-time">
            {` ${undoWords[step.status] ?? "undone in"} `}
            <Lasting from={step.undo_started_at} to={step.undo_finished_at} />
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
      {step.waiting_for && <p className="step-note">Waiting for {step.waiting_for}</p>}
      {step.error && <StepError error={step.error} />}
    </li>
  );
}

function StepError({ error }: { readonly error: NonNullable<Step["error"]> }) {
  const requestId = error["request_id"];
  return (
    <p className="step-note bad">
      {error.message}
      <span className="faint">
        {" "}
        {error.code}
        {typeof requestId === "string" && `, provider's request ${requestId}`}
      </span>
    </p>
  );
}
