import { promisesSettled, turnOfEventLoop } from "#clock.ts";
import { type Actor, never } from "./actor.ts";
import { createTimers, type Timer } from "./timers.ts";

/** A place where a process leaves itself, and may die or freeze. */
export interface Crossing {
  readonly index: number;
  /** Milliseconds since the epoch, in virtual time. */
  readonly at: number;
  readonly actor: Actor;
  readonly port: "sql" | "provider" | "timer";
  readonly what: string;
}

/**
 * The process dies or freezes. Or, at a statement, the database fails it: the connection breaks, before or after it has taken
 * effect; or the transaction is undone for another's sake.
 */
export type Mishap = "crash" | "freeze" | "cut" | "deadlock";

/** Whether it is the database's doing, which nothing but a statement shows. */
export const isByDatabase = (mishap: string): boolean => mishap === "cut" || mishap === "deadlock";

/** Sees every crossing, and decides what befalls the actor there. */
export type Director = (crossing: Crossing) => Mishap | undefined;

/**
 * Owns all actors and the time. One thing happens at a time: while anybody can run, time stands still; when nobody
 * can, it moves to the next timer. So the same choices give the same history.
 */
export interface Scheduler {
  now(): number;
  /** Time that passes without anybody waiting for it, in milliseconds. */
  pass(ms: number): void;
  /** Tells the director. @returns what befell the actor, who may be dead or frozen then */
  cross(actor: Actor, port: Crossing["port"], what: string): Mishap | undefined;
  /** Waits for the actor's turn, then runs `act`; whatever `act` does is over before anybody else has a turn. */
  turn<T>(actor: Actor, act: () => T | Promise<T>): Promise<T>;
  at(actor: Actor, at: number, fire: () => void): Timer;
  cancel(timer: Timer): void;
  kill(actor: Actor): void;
  freeze(actor: Actor): void;
  thaw(actor: Actor): void;
  /** Lets everything go on until `done`, which is asked whenever nobody can run. @throws when nothing can happen any more */
  run(done: () => boolean | Promise<boolean>): Promise<void>;
  /** Stops everything: the proof itself is broken. */
  fail(error: unknown): void;
  /** All is over: everybody dies, and what is listed here lets go of what Node.js would keep for them. */
  close(): void;
  onClose(letGo: () => void): void;
}

interface Turn {
  readonly actor: Actor;
  readonly act: () => Promise<void>;
}

export interface SchedulerOptions {
  readonly start: number;
  readonly director: Director;
  /** Which of so many that can run goes next: a whole number below `count`. */
  readonly pick: (count: number) => number;
}

export function createScheduler({ start, director, pick }: SchedulerOptions): Scheduler {
  const timers = createTimers();
  let now = start;
  let turns: Turn[] = [];
  let crossings = 0;
  const everybody = new Set<Actor>();
  const atClose: (() => void)[] = [];
  let failure: { readonly error: unknown } | undefined;

  const fireDue = (): boolean => {
    const timer = timers.next();
    if (!timer || timer.at > now) return false;
    timers.cancel(timer);
    timer.fire();
    return true;
  };

  const takeTurn = async (): Promise<boolean> => {
    const ready = turns.filter(({ actor }) => actor.state === "running");
    const next = ready.length > 1 ? ready[pick(ready.length)] : ready[0];
    if (!next) return false;
    turns = turns.filter((turn) => turn !== next && turn.actor.state !== "dead");
    await next.act();
    return true;
  };

  const scheduler: Scheduler = {
    now: () => now,
    pass(ms) {
      now += ms;
    },
    cross(actor, port, what) {
      const mishap = director({ index: crossings++, at: now, actor, port, what });
      if (mishap === "crash") scheduler.kill(actor);
      if (mishap === "freeze") scheduler.freeze(actor);
      return mishap;
    },
    turn(actor, act) {
      everybody.add(actor);
      if (actor.state === "dead") return never();
      return new Promise((resolve, reject) => {
        turns.push({
          actor,
          act: async () => {
            try {
              const result = await act();
              resolve(result);
            } catch (error) {
              reject(error);
            }
          },
        });
      });
    },
    at(actor, at, fire) {
      everybody.add(actor);
      const timer = { at, actor, fire };
      if (actor.state !== "dead") timers.set(timer);
      return timer;
    },
    cancel: (timer) => timers.cancel(timer),
    kill(actor) {
      actor.state = "dead";
    },
    freeze(actor) {
      actor.state = "frozen";
    },
    thaw(actor) {
      if (actor.state !== "frozen") return;
      actor.state = "running";
      for (const happen of actor.onThaw.splice(0)) happen();
    },
    async run(done) {
      /** What is overdue goes first: a process that thaws runs its timers before its sockets. */
      const somethingHappens = async (): Promise<boolean> => {
        if (failure) throw failure.error;
        return fireDue() || takeTurn();
      };
      for (;;) {
        await promisesSettled();
        if (await somethingHappens()) continue;
        await turnOfEventLoop();
        if (await somethingHappens()) continue;
        if (await done()) return;
        const timer = timers.next();
        if (!timer) throw new Error("Nobody can run and nothing will ever happen again: a deadlock");
        now = Math.max(now, timer.at);
      }
    },
    fail(error) {
      failure ??= { error };
    },
    close() {
      for (const actor of everybody) actor.state = "dead";
      turns = [];
      for (const letGo of atClose.splice(0)) letGo();
    },
    onClose: (letGo) => void atClose.push(letGo),
  };
  return scheduler;
}
