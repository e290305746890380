import type { Actor } from "./actor.ts";

export interface Timer {
  readonly at: number;
  readonly actor: Actor;
  readonly fire: () => void;
}

/** Timers in the order of their times; of equal ones, the first set goes first. */
export interface Timers {
  set(timer: Timer): void;
  cancel(timer: Timer): void;
  /** The earliest timer of an actor that runs; those of the dead are dropped, those of the frozen wait. */
  next(): Timer | undefined;
}

export function createTimers(): Timers {
  let sorted: Timer[] = [];
  return {
    set(timer) {
      let low = 0;
      for (let high = sorted.length; low < high;) {
        const middle = (low + high) >>> 1;
        const other = sorted[middle];
        if (other && other.at <= timer.at) low = middle + 1;
        else high = middle;
      }
      sorted.splice(low, 0, timer);
    },
    cancel(timer) {
      const index = sorted.indexOf(timer);
      if (index !== -1) sorted.splice(index, 1);
    },
    next() {
      if (sorted.some(({ actor }) => actor.state === "dead"))
        sorted = sorted.filter(({ actor }) => actor.state !== "dead");
      return sorted.find(({ actor }) => actor.state === "running");
    },
  };
}
