import { chance } from "./chance.ts";
import type { Settings } from "./options.ts";

/** What a DELETE does to a droplet that is still `new` (packer#1814, api-v2#104). */
export type DeleteWhileNew = "works" | "refused" | "ineffective";

/**
 * How late the API shows what is already so. Every answer is drawn from the seed and the subject, and compared with
 * the clock when somebody looks: nothing here waits on a timer, so virtual time works.
 */
export interface Consistency {
  /** Whole milliseconds in [0, lagMs). */
  lag(what: string): number;
  /** For how long GET by id does not find a new droplet: whole milliseconds in [0, getLagMs). */
  getLag(dropletId: number): number;
  deleteWhileNew(dropletId: number): DeleteWhileNew;
  /** Until when a new droplet says that it is locked, which tells nothing of whether it is ready (droplet_kit#218). */
  lockedUntil(dropletId: number, createdAt: number, activeAt: number): number;
}

export function consistencyOf(seed: number, settings: Pick<Settings, "lagMs" | "getLagMs" | "calm">): Consistency {
  const drawn = (what: string, most: number): number => Math.floor(chance(seed, `lag ${what}`) * most);
  // Read when asked: a control call may have changed them.
  const lag = (what: string): number => drawn(what, settings.lagMs);
  return {
    lag,
    getLag: (dropletId) => drawn(`get ${dropletId}`, settings.getLagMs),
    deleteWhileNew(dropletId) {
      if (settings.calm) return "works";
      const draw = chance(seed, `delete while new ${dropletId}`);
      if (draw < 0.25) return "refused";
      return draw < 0.5 ? "ineffective" : "works";
    },
    lockedUntil(dropletId, createdAt, activeAt) {
      const draw = chance(seed, `locked ${dropletId}`);
      if (settings.calm || draw < 0.4) return createdAt;
      return draw < 0.7 ? activeAt : activeAt + lag(`locked ${dropletId}`);
    },
  };
}
