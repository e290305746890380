import { SlidingWindow } from "./sliding-window.ts";

const perHour = 5000;
const perMinute = 250;
const keysPerMinute = 10;
const minute = 60_000;

interface Windows {
  hour: SlidingWindow;
  minute: SlidingWindow;
  keys: SlidingWindow;
}

export interface Verdict {
  allowed: boolean;
  headers: Record<string, string>;
}

/**
 * DigitalOcean's limits, per token: 5,000 requests in any hour and 250 in any minute, and 10 a minute for the keys.
 * A refused request is not counted. Only the limits of a minute send `retry-after`, with nothing remaining.
 */
export class RateLimits {
  readonly #enforced: boolean;
  readonly #tokens = new Map<string, Windows>();

  constructor(mode: "real" | "off") {
    this.#enforced = mode === "real";
  }

  take(token: string, route: string, now: number): Verdict {
    if (!this.#enforced) return { allowed: true, headers: headers(perHour, now) };
    const windows = this.#windowsOf(token);
    if (windows.hour.count(now) >= perHour) return refused(windows, now, undefined);
    const keys = route === "GET /v2/account/keys";
    if (windows.minute.count(now) >= perMinute) return refused(windows, now, windows.minute);
    if (keys && windows.keys.count(now) >= keysPerMinute) return refused(windows, now, windows.keys);
    windows.hour.add(now);
    windows.minute.add(now);
    if (keys) windows.keys.add(now);
    const remaining = perHour - windows.hour.count(now);
    return { allowed: true, headers: headers(remaining, windows.hour.oldestLeavesAt(now)) };
  }

  reset(): void {
    this.#tokens.clear();
  }

  #windowsOf(token: string): Windows {
    const known = this.#tokens.get(token);
    if (known) return known;
    const windows = {
      hour: new SlidingWindow(60 * minute),
      minute: new SlidingWindow(minute),
      keys: new SlidingWindow(minute),
    };
    this.#tokens.set(token, windows);
    return windows;
  }
}

function headers(remaining: number, resetAt: number): Record<string, string> {
  return {
    "ratelimit-limit": String(perHour),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(Math.ceil(resetAt / 1000)),
  };
}

function refused(windows: Windows, now: number, burst: SlidingWindow | undefined): Verdict {
  const sent = headers(0, windows.hour.oldestLeavesAt(now));
  if (!burst) return { allowed: false, headers: sent };
  const seconds = Math.max(1, Math.ceil((burst.oldestLeavesAt(now) - now) / 1000));
  return { allowed: false, headers: { ...sent, "retry-after": String(seconds) } };
}

/** What an answer to nobody in particular says: an untouched budget. */
export const untouchedBudget = (now: number): Record<string, string> => headers(perHour, now);
