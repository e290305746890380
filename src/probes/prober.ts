import { after, type Clock } from "#clock.ts";
import type { Answer, Ask, Target } from "./ask.ts";
import type { Question } from "./check.ts";

/**
 * Whether silence is the droplet's: `reaches`, others answer through the same prober; `down`, others were asked too and
 * none answers; `untold`, there was nobody else to ask lately.
 */
export type Path = "reaches" | "down" | "untold";

export interface Prober {
  ask(whose: string, question: Question, target: Target, timeoutMs: number, signal: AbortSignal): Promise<Answer>;
  /** What is known of the way by the answers of all but this one. */
  pathBesides(whose: string): Path;
}

/** How long an answer tells of the way: three rounds. Milliseconds. */
const freshMs = 180_000;

/** One worker's way to the droplets, and what it learns of the way by asking them. `whose`: a deployment's id. */
export function createProber({ ask, clock }: { readonly ask: Ask; readonly clock: Clock }): Prober {
  /** When each answered last, and when each was silent last; the oldest first. */
  const answered = new Map<string, Date>();
  const silent = new Map<string, Date>();

  const note = (among: Map<string, Date>, whose: string): void => {
    among.delete(whose);
    among.set(whose, clock.now());
    const old = after(clock.now(), -freshMs);
    for (const [other, at] of among) {
      if (at >= old) break;
      among.delete(other);
    }
  };
  const others = (among: ReadonlyMap<string, Date>, whose: string): boolean => {
    const fresh = after(clock.now(), -freshMs);
    return [...among].some(([other, at]) => other !== whose && at >= fresh);
  };
  return {
    async ask(whose, question, target, timeoutMs, signal) {
      const answer = await ask(question, target, { timeoutMs, signal });
      note(answer.kind === "silent" ? silent : answered, whose);
      return answer;
    },
    pathBesides(whose) {
      if (others(answered, whose)) return "reaches";
      return others(silent, whose) ? "down" : "untold";
    },
  };
}

/** Nothing that is behind our way answers: what is silent there may be well. */
export class PathDown extends Error {
  override readonly name = "PathDown";
}
