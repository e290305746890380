import type { ChoreQueue } from "#engine/queue.ts";
import { createSchedule } from "./schedule.ts";
import type { Scheduler } from "./scheduler.ts";

/** The chores' queue on virtual time, with the rules of the real one. Sagas need none: their rows are their queue. */
export function createQueue(scheduler: Pick<Scheduler, "now">): ChoreQueue {
  const schedule = createSchedule(scheduler);
  return {
    requestChore: async (_tx, name) => schedule.request(name),
    fetchChore: async () => schedule.take(),
    completeChore: async (id) => schedule.complete(id),
    putOffChore: async ({ id, name }, at) => schedule.putOff(id, name, at.getTime()),
    schedule: async (chores) => schedule.set(chores),
    isReady: async () => true,
    stop: async () => undefined,
  };
}
