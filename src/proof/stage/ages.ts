import type { Simulator } from "#simulator/simulator.ts";

/** Since when the provider has what a path names: a GET may say 404 of what is young, and of nothing else. */
export interface Ages {
  /** After each POST. */
  note(now: number): void;
  /** Undefined of what was never there. */
  madeAt(path: string): number | undefined;
}

export function agesOf(simulator: Simulator): Ages {
  const madeAt = new Map<number, number>();
  return {
    note(now) {
      const { droplets, domains } = simulator.state();
      for (const { id } of [...droplets, ...domains.flatMap(({ records }) => records)])
        if (!madeAt.has(id)) madeAt.set(id, now);
    },
    madeAt: (path) => madeAt.get(Number(path.split("/").at(-1))),
  };
}
