import { type Actor } from "../stage/actor.ts";
import type { Stage } from "../stage/stage.ts";

/** The workers of a history: whoever dies is replaced. */
export interface Crew {
  /** One of those that live. */
  nth(index: number): Actor | undefined;
  /** Nobody comes while all are away. */
  hire(): void;
  /** Whoever froze goes on; while all are away, not before they are back. */
  thaw(actor: Actor): void;
  thawAll(): void;
  /** All die, or freeze, until so many milliseconds have passed: then those who froze go on, or others come. */
  leave(how: "crash" | "freeze", ms: number): void;
  /** When the last absence ends. */
  readonly awayUntil: number;
}

export function createCrew(stage: Stage, count: number): Crew {
  const { scheduler, operator } = stage;
  const all: Actor[] = [];
  let awayUntil = 0;
  const isAway = (): boolean => scheduler.now() < awayUntil;
  const crew: Crew = {
    nth(index) {
      const running = all.filter((actor) => actor.state === "running");
      return running[index % Math.max(1, running.length)];
    },
    hire: () => void (isAway() || all.push(stage.startWorker(`worker-${all.length + 1}`))),
    thaw: (actor) => void (isAway() || scheduler.thaw(actor)),
    thawAll() {
      for (const actor of all) crew.thaw(actor);
    },
    leave(how, ms) {
      const strike = how === "crash" ? (it: Actor) => scheduler.kill(it) : (it: Actor) => scheduler.freeze(it);
      for (const actor of all.filter(({ state }) => state !== "dead")) strike(actor);
      awayUntil = scheduler.now() + ms;
      scheduler.at(operator, awayUntil, () => {
        crew.thawAll();
        if (!crew.nth(0)) for (let left = count; left > 0; left -= 1) crew.hire();
      });
    },
    get awayUntil() {
      return awayUntil;
    },
  };
  for (let left = count; left > 0; left -= 1) crew.hire();
  return crew;
}
