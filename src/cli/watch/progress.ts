import type { Saga, SagaEvent } from "#api/sagas.ts";
import { detailsOf } from "./event-details.ts";
import type { Limits } from "./remaining.ts";

export interface StepProgress {
  readonly name: string;
  status: string;
  /** Stays true while it is undone. */
  completed: boolean;
  waitingFor: string | undefined;
  error: string | undefined;
  attempts: number | undefined;
  /** When this side saw it begin. */
  since: Date | undefined;
  undoSince: Date | undefined;
  limits: Limits;
}

/** A saga as its events tell it, from its beginning. */
export interface Progress {
  readonly steps: readonly StepProgress[];
  readonly name: string;
  /** True once it compensates: nothing is done any more, only undone. */
  readonly turned: boolean;
  /** It has ended or is stuck. */
  readonly over: boolean;
  /** What the saga as a whole waits for: its step, or the provider. */
  readonly waitingFor: string | undefined;
  readonly error: string | undefined;
  apply(event: SagaEvent, now: Date): void;
  /** Takes from the saga what its events do not tell: until when its steps wait. */
  look(saga: Saga): void;
  /** No event follows: the saga has settled, or, without one, nobody follows it any more. */
  end(saga?: Saga): void;
  /** Resolves once `condition` holds. */
  until(condition: () => boolean): Promise<void>;
}

export function progressOf(saga: Saga): Progress {
  const steps = saga.steps.map(({ name }): StepProgress => ({
    name,
    status: "pending",
    completed: false,
    waitingFor: undefined,
    error: undefined,
    attempts: undefined,
    since: undefined,
    undoSince: undefined,
    limits: none,
  }));
  const waiters = new Set<() => void>();
  const state = { turned: false, over: false, waitingFor: absent(), error: absent() };
  const changed = () => {
    for (const wake of waiters) wake();
  };
  return {
    steps,
    name: saga.name,
    get turned() {
      return state.turned;
    },
    get over() {
      return state.over;
    },
    get waitingFor() {
      return state.waitingFor;
    },
    get error() {
      return state.error;
    },
    apply(event, now) {
      const it = detailsOf(event);
      const step = steps.find(({ name }) => name === it.step);
      if (step) {
        step.since ??= now;
        if (it.status === "compensating") step.undoSince ??= now;
        // One that only looks whether its wait is over, and waits on, does not blink.
        const looks = it.status === "running" && step.status !== "pending" && it.attempts === step.attempts;
        if (!looks && it.note === undefined) step.waitingFor = it.waitingFor;
        step.attempts = it.attempts ?? step.attempts;
        step.status = it.status ?? step.status;
        step.completed ||= it.status === "completed";
        step.error = it.error ?? step.error;
      } else {
        if (it.status === "compensating" || it.status === "rolled_back") state.turned = true;
        // There was nothing to go back to.
        if (it.status === "running") state.turned = false;
        state.waitingFor = it.waitingFor;
        // Why it turned back is what it rolls back for, whatever it gets stuck on.
        if (it.status !== "stuck" || !state.turned) state.error = it.error ?? state.error;
      }
      changed();
    },
    look(seen) {
      for (const step of steps) step.limits = seen.steps.find(({ name }) => name === step.name) ?? none;
    },
    end(ended) {
      state.over = true;
      state.turned ||= ended?.direction === "back";
      state.error = ended?.error?.message ?? state.error;
      state.waitingFor = undefined;
      changed();
    },
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
  };
}

const none: Limits = { next_try_at: null, deadline_at: null };

const absent = (): string | undefined => undefined;
