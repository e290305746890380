import type { Tx } from "#db/connection.ts";
import { Superseded } from "#engine/failure.ts";
import type { Job, SagaQueue } from "#engine/queue.ts";
import { type Actor, untilRunning } from "./actor.ts";
import { type Schedule, createSchedule } from "./schedule.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Session } from "./session.ts";

/** As the real queue: a job that is not touched for so long is taken from its worker. */
const heartbeatMs = 10_000;

interface QueuedJob extends Omit<Job, "dueAt"> {
  state: "created" | "active" | "lost";
  startAfter: number;
  touchedAt: number;
}

const asJob = ({ id, sagaId, startAfter }: QueuedJob): Job => ({ id, sagaId, dueAt: new Date(startAfter) });

/**
 * The saga queue on virtual time, with the rules of the real one (engine.md): one queued wake-up per saga beside the
 * one that is worked on, the last word on its time wins, what is written in a transaction counts when it commits,
 * a dead worker's job becomes a lost one, and completing a job that is not ours any more touches nothing.
 */
export interface VirtualQueue {
  /** The queue as this actor sees it. */
  of(actor: Actor): SagaQueue;
  /** Whether any wake-up is queued, worked on or lost. */
  isEmpty(): boolean;
  /** Called when there may be something to fetch. */
  onWake(listener: () => void): void;
}

export function createQueue(scheduler: Scheduler, session: Session): VirtualQueue {
  let jobs: QueuedJob[] = [];
  let made = 0;
  const listeners: (() => void)[] = [];
  const schedule: Schedule = createSchedule(scheduler);

  const loseUntouched = (): void => {
    for (const job of jobs)
      if (job.state === "active" && job.touchedAt + heartbeatMs <= scheduler.now()) job.state = "lost";
  };

  /** Inside the actor's transaction, as the statement that it is in production. */
  const within = async (actor: Actor, what: string) => {
    const lease = session.holder();
    if (lease?.actor !== actor) throw new Error(`${what} of ${actor.name} outside of its transaction`);
    await lease.cross(what);
    return lease;
  };

  const upsert = (sagaId: string, at: number): void => {
    const queued = jobs.find((job) => job.sagaId === sagaId && job.state === "created");
    if (queued) queued.startAfter = at;
    else jobs.push({ id: `job-${made++}`, sagaId, state: "created", startAfter: at, touchedAt: 0 });
    if (at <= scheduler.now()) for (const ring of listeners) ring();
  };

  const remove = (id: string): void => {
    jobs = jobs.filter((job) => job.id !== id);
  };

  const of = (actor: Actor): SagaQueue => ({
    async wake(_tx: Tx, sagaId, at) {
      const lease = await within(actor, "queue wake");
      lease.onCommit(() => upsert(sagaId, at.getTime()));
    },
    async complete(_tx, sagaId, jobId) {
      const lease = await within(actor, "queue complete");
      if (!jobs.some((job) => job.id === jobId && job.state === "active")) throw new Superseded(sagaId);
      lease.onCommit(() => remove(jobId));
    },
    async fetch(count) {
      const isDue = (job: QueuedJob) => job.state === "created" && job.startAfter <= scheduler.now();
      if (!jobs.some(isDue)) return [];
      const due = await scheduler.turn(actor, () => {
        const taken = jobs.filter(isDue).slice(0, count);
        for (const job of taken) Object.assign(job, { state: "active", touchedAt: scheduler.now() });
        if (taken.length > 0) scheduler.cross(actor, "queue", "fetch");
        return taken.map(asJob);
      });
      await untilRunning(actor);
      return due;
    },
    async fetchLost() {
      loseUntouched();
      return jobs.filter((job) => job.state === "lost").map(asJob);
    },
    async completeLost(_tx, jobId) {
      const lease = await within(actor, "queue complete lost");
      lease.onCommit(() => remove(jobId));
    },
    async touch(jobIds) {
      loseUntouched();
      const mine = new Set(jobs.filter((job) => job.state === "active").map((job) => job.id));
      for (const job of jobs) if (jobIds.includes(job.id)) job.touchedAt = scheduler.now();
      return jobIds.filter((id) => !mine.has(id));
    },
    async withoutWakeUp(_tx, sagaIds) {
      return sagaIds.filter((id) => !jobs.some((job) => job.sagaId === id));
    },
    requestChore: async (_tx, name) => schedule.request(name),
    fetchChore: async () => schedule.take(),
    completeChore: async (id) => schedule.complete(id),
    putOffChore: async ({ id, name }, at) => schedule.putOff(id, name, at.getTime()),
    schedule: async (chores) => schedule.set(chores),
    isReady: async () => true,
    stop: async () => undefined,
  });

  return {
    of,
    isEmpty: () => jobs.length === 0,
    onWake: (listener) => void listeners.push(listener),
  };
}
