/**
 * Where something at the provider stands. `sending`: from the intent on, it may be there. `refused`, `absent`: it was not
 * made. `left`: it is somebody else's now. `abandoned`: an operator has seen to it by hand.
 */
export type Phase = "sending" | "there" | "refused" | "absent" | "removing" | "gone" | "left" | "abandoned";

/** Every move there is. What was refused or is absent does not come back: it is asked for again by a row of its own. */
const moves: Readonly<Record<Phase, readonly Phase[]>> = {
  sending: ["there", "refused", "absent", "abandoned"],
  there: ["removing", "gone", "left", "abandoned"],
  removing: ["gone", "left", "abandoned"],
  refused: [],
  absent: [],
  gone: [],
  left: [],
  abandoned: [],
};

export const allPhases: readonly Phase[] = [
  "sending",
  "there",
  "refused",
  "absent",
  "removing",
  "gone",
  "left",
  "abandoned",
];

/** In these it is there, or may be: somebody has to answer for it. */
export const livePhases = ["sending", "there", "removing"] as const satisfies readonly Phase[];

export const isLive = (phase: Phase): boolean => livePhases.some((live) => live === phase);

/** Nothing of it was there any more, as far as could be seen, or an operator said so: it is looked at again. */
export const mayReturn = (phase: Phase): boolean => ["absent", "gone", "abandoned"].includes(phase);

export const mayMove = (from: Phase, to: Phase): boolean => moves[from].includes(to);

/** What may come first: what is made begins with its intent; what is found, by a look or by whom it belonged to, is there. */
export const mayBegin = (phase: Phase): boolean => phase === "sending" || phase === "there";

/** Whether these phases, in order, are a way through the machine. */
export const isWay = (phases: readonly Phase[]): boolean =>
  phases.every((phase, index) => {
    const before = phases[index - 1];
    return before === undefined ? mayBegin(phase) : mayMove(before, phase);
  });
