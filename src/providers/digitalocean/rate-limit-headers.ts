import { after } from "#clock.ts";
import type { Answer } from "./exchange.ts";
import { believedMs } from "./store.ts";

/** After a 429 that does not say how long: the hourly limit, where requests come back one by one. */
const unstatedPauseMs = 10_000;
/** Nobody waits longer than this without anybody asking again: DigitalOcean's own pauses end with the minute. */
const longestPauseMs = believedMs;
/** The hour's limit is the longest there is. */
const longestBlockMs = 3_600_000;

/** The least that a 429 asks for, also when it says 0, or names a time that has passed. */
const shortestPauseMs = 1_000;

/**
 * When asking again makes sense: stated, or after a 429 supposed. A 503 concerns its own request only.
 * `ratelimit-reset` is not used, it can lie in the past.
 */
export function retryAtOf(answer: Answer, now: Date): Date | undefined {
  const stated = retryAfterMs(answer.headers.get("retry-after"), now);
  if (answer.status === 429) return after(now, within(shortestPauseMs, stated ?? unstatedPauseMs, longestPauseMs));
  return answer.status === 503 && stated !== undefined ? after(now, within(0, stated, longestBlockMs)) : undefined;
}

/** Until when nobody may ask again, but for a probe now and then: set by a 429 only. */
export function blockedUntil(answer: Answer, now: Date): Date | undefined {
  if (answer.status !== 429) return undefined;
  const stated = retryAfterMs(answer.headers.get("retry-after"), now);
  return after(now, within(shortestPauseMs, stated ?? unstatedPauseMs, longestBlockMs));
}

const within = (least: number, ms: number, most: number): number => Math.min(Math.max(ms, least), most);

/**
 * Seconds or an HTTP date (RFC 9110, 10.2.3), which begins with its weekday; nothing else is taken for one. Of several
 * such headers, which arrive as a list, the longest pause counts.
 */
function retryAfterMs(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? "";
  const stated = text.split(",").map((it) => it.trim());
  if (stated.every((it) => /^-?\d+(\.\d+)?$/.test(it))) return Math.ceil(Math.max(...stated.map(Number))) * 1000;
  const at = /^[A-Za-z]{3},/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at - now.getTime();
}

/** More than any token has: DigitalOcean's own number is 5,000. What is above says no more than "enough". */
const mostRemaining = 1_000_000;

/**
 * How many requests the provider says this token has left in the hour; of several such headers, the least. What is no
 * whole number says nothing. A 429 is left out: its 0 can mean the limit of the minute, and its pause is known better.
 */
export function remainingOf(answer: Answer): number | undefined {
  const stated =
    answer.headers
      .get("ratelimit-remaining")
      ?.split(",")
      .map((it) => it.trim()) ?? [];
  if (answer.status === 429 || stated.length === 0 || !stated.every((it) => /^\d+$/.test(it))) return undefined;
  return Math.min(mostRemaining, ...stated.map(Number));
}
