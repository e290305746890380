/** Moments of the past `ms`, the oldest forgotten first. */
export class SlidingWindow {
  readonly #ms: number;
  #times: number[] = [];
  #first = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(now: number): void {
    this.#times.push(now);
  }

  /** How many are still inside. */
  count(now: number): number {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? now) <= now - this.#ms) this.#first++;
    if (this.#first > 1000 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }

  /** When the oldest one leaves; now, when there is none. */
  oldestLeavesAt(now: number): number {
    return this.count(now) === 0 ? now : (this.#times[this.#first] ?? now) + this.#ms;
  }
}
