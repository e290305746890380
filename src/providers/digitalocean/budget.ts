import { createHash } from "node:crypto";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Call, Priority } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import {
  completeRequest,
  leaveQueue,
  type Outcome,
  releaseRequest,
  reserveRequest,
  type Room,
  type Rule,
} from "./store.ts";

/** A wait for room that is at most this long is spent in place, unless the call says otherwise; a longer one is the caller's. */
export const longestWaitMs = 2_000;

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** DigitalOcean counts a request when it arrives, which is after we reserved it: our windows are this much longer. */
const slackMs = 1_000;
/** How long we believe what the provider said of the requests left: others spend them, and time gives them back. */
const beliefMs = 60_000;
/** So many at once at the most: what is under way when the provider begins to refuse is refused with it. */
const burst = { limit: 10, spanMs: 100 };
/** While others use the token, requests keep a distance: a minute's share is spent in so many parts. */
const partsOfMinute = 12;
/** A refusal leaves us at least this part of the minute's limit. */
const leastPart = 0.1;

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

/**
 * The right to send requests: one for all workers that share a provider token, through the database (rule 28). Who finds
 * no room stands in a queue, by priority and then by the age of the saga, and is told when its turn is: nobody asks in
 * vain meanwhile.
 */
export interface Budget {
  /**
   * Takes the right to send one request now, waiting for it in place as long as the call is patient.
   * @throws {DigitalOceanError} `rate_limited` with `retryAt`, its turn, when that is not long enough; nothing was sent.
   * Rejects with the signal's reason when aborted.
   */
  reserve(request: BudgetRequest, signal?: AbortSignal): Promise<Reservation>;
  /** Comes back when there is room for the request, without taking it. Throws as `reserve` does. */
  turn(request: BudgetRequest, signal?: AbortSignal): Promise<void>;
}

export interface BudgetRequest extends Pick<Call, "priority" | "shared" | "patienceMs" | "sagaId"> {
  readonly method: string;
  readonly route: string;
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
  const leastShare = Math.ceil(leastPart * limits.undo.minute);
  /** When this worker last found that somebody has to wait. */
  let wasFull: Date | undefined;

  async function take(request: BudgetRequest, signal: AbortSignal | undefined, takes: boolean) {
    const patience = after(clock.now(), request.patienceMs ?? longestWaitMs);
    const waiter = { id: placeOf(request) ?? ids.uuid(), rank: rankOf(request) };
    for (;;) {
      signal?.throwIfAborted();
      const { method, route, sagaId } = request;
      const reserving = { id: ids.uuid(), method, route, sagaId, waiter, takes, isProbe: route === probeRoute };
      const taken = await reserveRequest(db, clock, reserving, (now, room) =>
        rulesFor(request.priority, limits, now, room),
      );
      if ("at" in taken) return { id: reserving.id, ...taken };
      wasFull = clock.now();
      try {
        if (taken.turnAt > patience) throw exhausted(request, taken.turnAt);
        await clock.sleep(Math.max(1, taken.turnAt.getTime() - clock.now().getTime()), signal);
      } catch (error) {
        // A saga comes back at its turn; nobody else does.
        if (request.sagaId === undefined) await leaveQueue(db, waiter.id);
        throw error;
      }
    }
  }

  return {
    async reserve(request, signal) {
      const { id, at, isProbe } = await take(request, signal, true);
      return {
        at,
        done: (outcome) => completeRequest(db, { id, at, isProbe, now: clock.now(), leastShare }, outcome),
        release: () => releaseRequest(db, id),
      };
    },
    async turn(request, signal) {
      // As long as nobody waits, there is nothing to wait for.
      if (wasFull && after(wasFull, minuteMs) > clock.now()) await take(request, signal, false);
    },
  };
}

/** The cheapest question there is: it finds out whether a long Retry-After still holds. */
const probeRoute = "/v2/account";

const priorities: readonly Priority[] = ["undo", "create", "wait", "sync"];

const rankOf = ({ priority, shared = false }: BudgetRequest): number =>
  2 * priorities.indexOf(priority) + (shared ? 0 : 1);

/**
 * The place of a saga in the queue is its own, by its age. Sagas that wait for the same look share one: it is sent once for
 * all of them, and who stands behind them waits for one request. Undefined: nobody comes back to it.
 */
function placeOf(request: BudgetRequest): string | undefined {
  const { shared, sagaId, route } = request;
  if (!shared || sagaId === undefined) return sagaId;
  return createHash("sha256")
    .update(`${rankOf(request)} ${route}`)
    .digest("hex")
    .slice(0, 32);
}

function rulesFor(priority: Priority, limits: Limits, now: Date, { told, share }: Room): Rule[] {
  const { minute, hour } = limits[priority];
  const sliding = (limit: number, spanMs: number): Rule => ({ limit, since: after(now, -spanMs), spanMs });
  const rules = [
    sliding(minute, minuteMs + slackMs),
    sliding(hour, hourMs + slackMs),
    sliding(burst.limit, burst.spanMs),
  ];
  if (share) {
    const ours = shareAt(share, now);
    if (ours < limits.undo.minute) {
      rules.push(sliding(Math.ceil((ours * minute) / limits.undo.minute), minuteMs + slackMs));
      rules.push(sliding(Math.ceil(ours / partsOfMinute), minuteMs / partsOfMinute));
    }
  }
  if (told && after(told.at, beliefMs) > now) {
    // Of what the provider itself gives at the most, also when we were told that we may use more.
    const keptForOthers = Math.ceil((1 - hour / limits.undo.hour) * Math.min(limits.undo.hour, providerHour));
    rules.push({ limit: told.remaining - keptForOthers, since: told.at, until: after(told.at, beliefMs) });
  }
  return rules;
}

/** What a refusal has left us a minute, raised ever faster since: slowly where we were refused, quickly far from it. */
const shareAt = ({ least, at }: NonNullable<Room["share"]>, now: Date): number =>
  least + Math.floor(2 ** Math.min(20, (now.getTime() - at.getTime()) / minuteMs)) - 1;

function exhausted({ method, route, priority }: BudgetRequest, retryAt: Date): DigitalOceanError {
  return new DigitalOceanError(
    `not sent, the request budget has no room for priority "${priority}" until ${retryAt.toISOString()}`,
    { method, route, reason: "rate_limited", effect: "none", retryAt },
  );
}
