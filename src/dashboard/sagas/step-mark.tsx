import type { Step } from "#api/sagas.ts";

const strokes: Readonly<Partial<Record<Step["status"], string>>> = {
  completed: "m4.5 8.5 2.4 2.4 4.6-5",
  failed: "m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6",
  compensation_failed: "m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6",
  compensating: "M11 10.5H6.8a2.4 2.4 0 0 1 0-4.8H11M9 3.8l2.2 1.9L9 7.6",
  compensated: "M11 10.5H6.8a2.4 2.4 0 0 1 0-4.8H11M9 3.8l2.2 1.9L9 7.6",
  waiting: "M8 4.8v3.4l2.2 1.4",
  running: "M6.6 5.2v5.6L11 8z",
};

/** The state of a step as a sign; words beside it say it too. */
export function StepMark({ status }: { readonly status: Step["status"] }) {
  return (
    <svg className="step-mark" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      {strokes[status] && <path d={strokes[status]} />}
    </svg>
  );
}
