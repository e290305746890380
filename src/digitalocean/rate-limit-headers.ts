import { after } from "#clock.ts";
import type { Answer } from "./exchange.ts";

/** After a 429 that does not say how long: the hourly limit, where requests come back one by one. */
const unstatedPauseMs = 10_000;
const longestPauseMs = 3_600_000;

/** Until when nobody may ask again: set by a 429 only. `ratelimit-reset` is not used, it can lie in the past. */
export function blockedUntil(answer: Answer, now: Date): Date | undefined {
  if (answer.status !== 429) return undefined;
  const pause = retryAfterMs(answer.headers.get("retry-after"), now) ?? unstatedPauseMs;
  return after(now, Math.min(Math.max(pause, 0), longestPauseMs));
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : at - now.getTime();
}

/**
 * How many requests the provider says this token has left in the hour. A 429 is left out: its 0 can mean the
 * limit of the minute, and its pause is known better.
 */
export function remainingOf(answer: Answer): number | undefined {
  const header = answer.headers.get("ratelimit-remaining");
  return answer.status !== 429 && header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
