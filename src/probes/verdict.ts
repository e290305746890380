import type { Answer } from "./ask.ts";
import type { Check } from "./check.ts";
import type { Path } from "./prober.ts";

export type HealthState = "unknown" | "healthy" | "unhealthy";

/** What is known of the app on a droplet. */
export interface Health {
  readonly state: HealthState;
  readonly since: Date;
  /** The last answer that speaks against it; null while nothing does. */
  readonly reason: string | null;
  /** So many in a row. */
  readonly successes: number;
  readonly failures: number;
}

/** The code under which the way is told to be at fault. */
const pathDown = "probe_path_down";

/**
 * What an answer makes of it. Silence counts only while others answer through the same prober: else the way may be down,
 * and nothing is known.
 */
export function judge(before: Health, answer: Answer, path: Path, check: Check, now: Date): Health {
  if (answer.kind === "healthy") {
    const successes = before.successes + 1;
    const isHealthy = before.state === "healthy" || successes >= check.healthy_after;
    const counted = { successes, failures: 0 };
    return isHealthy
      ? { ...become(before, "healthy", now), reason: null, ...counted }
      : { ...before, reason: `${successes} of ${check.healthy_after} answers: ${answer.said}`, ...counted };
  }
  if (answer.kind === "silent" && path !== "reaches") {
    const why =
      path === "down" ? "no other deployment answers either" : "there is no other deployment to compare it with";
    const reason = `${pathDown}: ${answer.said}, and ${why}`;
    return { ...become(before, "unknown", now), reason, successes: 0, failures: before.failures };
  }
  const failures = before.failures + 1;
  const isUnhealthy = failures >= check.unhealthy_after || before.state === "unhealthy";
  const state = isUnhealthy ? "unhealthy" : before.state;
  return { ...become(before, state, now), reason: answer.said, successes: 0, failures };
}

const become = (before: Health, state: HealthState, now: Date): Health =>
  before.state === state ? before : { ...before, state, since: now };
