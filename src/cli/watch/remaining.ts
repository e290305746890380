import type { Saga, Step } from "#api/sagas.ts";
import { countdown } from "#cli/output/time.ts";

export type Limits = Pick<Step, "next_try_at" | "deadline_at">;

/** When a waiting step looks again and how long it may take, counted down: `next look in 3s, rolled back in 7m 32s`. */
export function remaining({ next_try_at: next, deadline_at: deadline }: Limits, returns: boolean, now: Date): string {
  const parts = [
    next && `next look ${left(next, now)}`,
    deadline && `${returns ? "rolled back" : "a human is called"} ${left(deadline, now)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Whether the saga can be cancelled, and turns back where a step takes too long. Without a way back it is stuck then. */
export const turnsBack = ({ name, direction }: Pick<Saga, "name" | "direction">): boolean =>
  direction === "forward" && name.startsWith("provision");

function left(until: string, now: Date): string {
  const seconds = (Date.parse(until) - now.getTime()) / 1000;
  return seconds > 0 ? `in ${countdown(seconds)}` : "now";
}
