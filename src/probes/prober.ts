import { after, type Clock } from "#clock.ts";
import type { Answer, Ask, Target } from "./ask.ts";
import type { Question } from "./check.ts";

/**
 * Whether silence is the droplet's: `reaches`, others answer through the same prober; `down`, several that serve were
 * asked too and none answers; `untold`, there was nobody else to ask lately, or one that may be dead itself.
 */
export type Path = "reaches" | "down" | "untold";

/** Who is asked. */
export interface Asked {
  /** The deployment's id. */
  readonly whose: string;
  /** Whether its app has been well: only then does its silence say something of the way. */
  readonly serves: boolean;
}

export interface Prober {
  ask(asked: Asked, question: Question, target: Target, timeoutMs: number, signal: AbortSignal): Promise<Answer>;
  /** What is known of the way by the answers of all but this one. */
  pathBesides(whose: string): Path;
}

/** How long an answer tells of the way: three rounds. Milliseconds. */
const freshMs = 180_000;

/** So many that serve must be silent until the way is thought to be down. */
const fewest = 2;

/** One worker's way to the droplets, and what it learns of the way by asking them. */
export function createProber({ ask, clock }: { readonly ask: Ask; readonly clock: Clock }): Prober {
  /** Whose last word was an answer, and whose silence, and when; the oldest first. */
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
  const others = (among: ReadonlyMap<string, Date>, whose: string): number => {
    const fresh = after(clock.now(), -freshMs);
    return [...among].filter(([other, at]) => other !== whose && at >= fresh).length;
  };
  return {
    async ask({ whose, serves }, question, target, timeoutMs, signal) {
      const answer = await ask(question, target, { timeoutMs, signal });
      const isSilent = answer.kind === "silent";
      (isSilent ? answered : silent).delete(whose);
      if (!isSilent) note(answered, whose);
      else if (serves) note(silent, whose);
      return answer;
    },
    pathBesides(whose) {
      if (others(answered, whose) > 0) return "reaches";
      return others(silent, whose) >= fewest ? "down" : "untold";
    },
  };
}

/** Nothing that is behind our way answers: what is silent there may be well. */
export class PathDown extends Error {
  override readonly name = "PathDown";
}
