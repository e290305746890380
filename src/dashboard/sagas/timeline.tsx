import type { Saga } from "#api/sagas.ts";
import { TimelineStep } from "./timeline-step.tsx";
import { useSpan } from "./use-span.ts";

/** A saga's steps one under the other, each drawn along the same axis of time. */
export function Timeline({ saga }: { readonly saga: Saga }) {
  const span = useSpan(saga);
  return (
    <ol className="timeline" aria-label="Steps">
      {saga.steps.map((step) => (
        <TimelineStep key={step.name} step={step} span={span} saga={saga} />
      ))}
    </ol>
  );
}
