/** What programs with mutants in them ask for, in every process. */
export interface Chooser {
  /** Whether this one is in effect. @param isCompared whether it counts as come by only where `__saw` has seen a difference */
  __mutant?: (number: number, isCompared?: boolean) => boolean;
  /** @returns the value; others would have had what they give in its place */
  __saw?: <T>(value: T, others: readonly (readonly [number: number, value: () => unknown])[]) => T;
  /** What is come by from now on is this test's: by its id, or all tests' of the file. What was until now is written down, or forgotten. */
  __turnTo?: (test: string, before: "keep" | "forget") => void;
}

/** One that is in effect, or none. */
export const choosing = (active: () => number | undefined): Required<Pick<Chooser, "__mutant" | "__saw">> => ({
  __mutant: (number) => number === active(),
  __saw: (value) => value,
});

/** None is in effect; what is come by, and would make a difference as far as is known, is written down. */
export const recording = (come: (number: number) => void): Required<Pick<Chooser, "__mutant" | "__saw">> => ({
  __mutant(number, isCompared = false) {
    if (!isCompared) come(number);
    return false;
  },
  __saw(value, others) {
    for (const [number, other] of others) if (isOther(value, other)) come(number);
    return value;
  },
});

function isOther(value: unknown, other: () => unknown): boolean {
  try {
    const told = other();
    // A condition that is forced is true or false whatever it was.
    return typeof told === "boolean" ? told !== Boolean(value) : !Object.is(told, value);
  } catch {
    return true;
  }
}
