import type { Saga } from "#api/sagas.ts";
import { hasEnded } from "#saga-ended.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { useNow } from "#dashboard/time/use-now.ts";

/** The axis of time of a saga, in milliseconds since 1970. It grows while the saga runs. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const slow = 3_600_000;

export function useSpan(saga: Saga): Span {
  const { clock } = useTools();
  const over = hasEnded(saga.status);
  useNow(over ? slow : 250);
  const from = Date.parse(saga.started_at ?? saga.created_at);
  const to = saga.finished_at === null ? clock.now().getTime() : Date.parse(saga.finished_at);
  return { from, to: Math.max(to, from + 1) };
}

/** Where a stretch lies on the axis, in percent. What has not ended reaches to its end. */
export function placeOn(span: Span, from: string, to: string | null): { left: string; width: string } {
  const length = span.to - span.from;
  const left = clamp((Date.parse(from) - span.from) / length);
  const right = to === null ? 1 : clamp((Date.parse(to) - span.from) / length);
  return { left: `${left * 100}%`, width: `${Math.max(0, right - left) * 100}%` };
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
