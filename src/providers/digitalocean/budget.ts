import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Priority } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import { completeRequest, type Outcome, releaseRequest, reserveRequest, type Rule, type Told } from "./store.ts";

/** A wait for room that is at most this long is spent in place; a longer one is the caller's. */
export const longestWaitMs = 2_000;

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** DigitalOcean counts a request when it arrives, which is after we reserved it: our windows are this much longer. */
const slackMs = 1_000;
/** How long we believe what the provider said of the requests left: others spend them, and time gives them back. */
const beliefMs = 60_000;

/** The total of all requests, in any minute and any hour, up to which each priority may still ask. */
export type Limits = Readonly<Record<Priority, { readonly minute: number; readonly hour: number }>>;

/** Our share of what a token may send: each priority leaves some of it to those before it. */
export function limitsWithin(minute: number, hour: number): Limits {
  const part = (share: number) => ({ minute: Math.ceil(minute * share), hour: Math.ceil(hour * share) });
  return { undo: part(1), create: part(0.96), wait: part(0.92), sync: part(0.8) };
}

const providerHour = 5_000;

/** DigitalOcean's 250 a minute and 5,000 an hour. */
export const defaultLimits: Limits = limitsWithin(250, providerHour);

/** The right to send requests: one for all workers that share a provider token, through the database (rule 28). */
export interface Budget {
  /**
   * Takes the right to send one request now, waiting up to `longestWaitMs` for it.
   * @throws {DigitalOceanError} `rate_limited` with `retryAt` when that is not long enough; nothing was sent.
   * Rejects with the signal's reason when aborted.
   */
  reserve(request: BudgetRequest, signal?: AbortSignal): Promise<Reservation>;
}

export interface BudgetRequest {
  readonly priority: Priority;
  readonly method: string;
  readonly route: string;
  readonly sagaId?: string | undefined;
}

export interface Reservation {
  readonly at: Date;
  /** Records how the request went, and what its answer said of the budget. */
  done(outcome: Outcome): Promise<void>;
  /** Gives the right back: nothing was sent. */
  release(): Promise<void>;
}

/** Of a request that is not of the budget. */
export const unbudgeted = (at: Date): Reservation => ({
  at,
  done: async () => undefined,
  release: async () => undefined,
});

export function createBudget(options: {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits?: Limits;
}): Budget {
  const { db, clock, ids, limits = defaultLimits } = options;

  function reservation(id: string, at: Date): Reservation {
    return {
      at,
      done: (outcome) => completeRequest(db, id, at, clock.now().getTime() - at.getTime(), outcome),
      release: () => releaseRequest(db, id),
    };
  }

  return {
    async reserve(request, signal) {
      const patience = after(clock.now(), longestWaitMs);
      for (;;) {
        signal?.throwIfAborted();
        const id = ids.uuid();
        const taken = await reserveRequest(db, clock, { id, ...request }, (now, told) =>
          rulesFor(request.priority, limits, now, told),
        );
        if ("at" in taken) return reservation(id, taken.at);
        if (taken.fullUntil > patience) throw exhausted(request, taken.fullUntil);
        await clock.sleep(Math.max(1, taken.fullUntil.getTime() - clock.now().getTime()), signal);
      }
    },
  };
}

function rulesFor(priority: Priority, limits: Limits, now: Date, told: Told | undefined): Rule[] {
  const { minute, hour } = limits[priority];
  const rules: Rule[] = [
    { limit: minute, since: after(now, -minuteMs - slackMs), spanMs: minuteMs + slackMs },
    { limit: hour, since: after(now, -hourMs - slackMs), spanMs: hourMs + slackMs },
  ];
  if (told && after(told.at, beliefMs) > now) {
    // Of what the provider itself gives at the most, also when we were told that we may use more.
    const keptForOthers = Math.ceil((1 - hour / limits.undo.hour) * Math.min(limits.undo.hour, providerHour));
    rules.push({ limit: told.remaining - keptForOthers, since: told.at, until: after(told.at, beliefMs) });
  }
  return rules;
}

function exhausted({ method, route, priority }: BudgetRequest, retryAt: Date): DigitalOceanError {
  return new DigitalOceanError(
    `not sent, the request budget of priority "${priority}" is used up until ${retryAt.toISOString()}`,
    { method, route, reason: "rate_limited", effect: "none", retryAt },
  );
}
