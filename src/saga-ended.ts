/** The statuses in which nothing moves a saga any more. A stuck one has not ended: an operator retries or resolves it. */
export const endedStatuses = ["completed", "rolled_back"] as const;

export const hasEnded = (status: string): status is (typeof endedStatuses)[number] =>
  endedStatuses.some((ended) => ended === status);

/** Neither ended, nor stuck, nor held: a worker has something to do with it, now or later. */
export const idleStatuses = [...endedStatuses, "stuck", "held"] as const;
