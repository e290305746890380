/** The statuses in which nothing moves a saga any more. A stuck one has not ended: an operator retries or resolves it. */
export const endedStatuses = ["completed", "rolled_back"] as const;

export const hasEnded = (status: string): boolean => endedStatuses.some((ended) => ended === status);

/** In these no worker has anything to do with a saga: it has ended, or is stuck and waits for an operator. */
export const idleStatuses = [...endedStatuses, "stuck"] as const;

export const isIdle = (status: string): boolean => idleStatuses.some((idle) => idle === status);
