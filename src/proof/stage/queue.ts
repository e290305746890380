import type { Tx } from "#db/connection.ts";
import type { ChoreQueue } from "#engine/chores.ts";
import { createSchedule } from "./schedule.ts";
import type { Scheduler } from "./scheduler.ts";

/** The chores' queue on virtual time, with the rules of the real one. Sagas need none: their rows are their queue. */
export function createQueue(scheduler: Pick<Scheduler, "now">, ring: (tx: Tx) => Promise<void>): ChoreQueue {
  const schedule = createSchedule(scheduler);
  return {
    async requestChore(tx, name) {
      schedule.request(name);
      await ring(tx);
    },
    nextChoreAt: async () => new Date(schedule.nextAt()),
    fetchChores: async () => schedule.take(),
    completeChore: async () => undefined,
    putOffChore: async ({ name }, at) => schedule.putOff(name, at.getTime()),
    schedule: async (chores) => schedule.set(chores),
    isReady: async () => true,
  };
}
