import { SlidingWindow } from "./sliding-window.ts";

export interface RequestCounts {
  total: number;
  by_route: Record<string, number>;
  /** The most in any 60 seconds. */
  peak_per_minute: number;
}

/** What has been asked of the API, refused requests included; control calls are not. */
export class RequestCount {
  #counts: RequestCounts;
  #minute = new SlidingWindow(60_000);

  /** Goes on from what an earlier process counted. */
  constructor(earlier: RequestCounts = none()) {
    this.#counts = earlier;
  }

  add(route: string, now: number): void {
    this.#counts.total++;
    this.#counts.by_route[route] = (this.#counts.by_route[route] ?? 0) + 1;
    this.#minute.add(now);
    this.#counts.peak_per_minute = Math.max(this.#counts.peak_per_minute, this.#minute.count(now));
  }

  read(): RequestCounts {
    return { ...this.#counts, by_route: { ...this.#counts.by_route } };
  }

  reset(): void {
    this.#counts = none();
    this.#minute = new SlidingWindow(60_000);
  }
}

const none = (): RequestCounts => ({ total: 0, by_route: {}, peak_per_minute: 0 });
