import { Webhook } from "standardwebhooks";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { giveUpDisabled, type Next, recordAttempt, takeNext, type Verdict } from "./attempt-store.ts";
import type { Lane } from "./dispatch.ts";
import { webhookContext } from "./queries.ts";
import { type Outcome, send } from "./send.ts";
import type { TargetPolicy } from "./target.ts";

/** Pauses between the tries of one delivery, as Standard Webhooks proposes, in milliseconds: about three days. */
export const standardPauses: readonly number[] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
  (seconds) => seconds * 1000,
);

/** From the first failure since a success until the webhook is disabled, in milliseconds. */
export const patienceMs = 5 * 24 * 3_600_000;

/** Longer than an attempt can take. */
const leaseMs = 30_000;

export interface Courier {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly secrets: Pick<SecretBox, "open">;
  readonly policy: TargetPolicy;
  readonly pauses: readonly number[];
  readonly patienceMs: number;
  readonly release: string;
}

/**
 * Delivers what a lane holds, one after the other, until it is empty or has to wait.
 * @returns until when it has to
 */
export async function deliverLane(courier: Courier, lane: Lane, signal: AbortSignal): Promise<Date | undefined> {
  const { db, clock } = courier;
  for (;;) {
    signal.throwIfAborted();
    const next = await takeNext(db, lane, clock.now(), after(clock.now(), leaseMs));
    if (next === undefined || next instanceof Date) return next;
    if (next.webhook.disabled_at) {
      await giveUpDisabled(db, lane.webhookId);
      return undefined;
    }
    await attempt(courier, next, signal);
  }
}

async function attempt(courier: Courier, next: Next, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = courier;
  const begunAt = clock.now();
  const outcome = await post(courier, next, begunAt, signal);
  const now = clock.now();
  const verdict = judge(courier, next, outcome, now);
  const disabled = await recordAttempt(db, { next, outcome, verdict, begunAt, now });
  const told = { webhook_id: next.webhook.id, delivery_id: next.delivery.id, type: next.message.type, ...outcome };
  if (disabled === undefined) log.debug(told, "A webhook was deleted while it was tried");
  else if (disabled)
    log.error(told, `A webhook is disabled: ${verdict.disable}. Correct its receiver, then enable it again`);
  else if (verdict.status === "failed") log.warn(told, "A webhook's delivery was given up; it can be redelivered");
  else log.debug(told, "A webhook was tried");
}

/** The body is JSON made of the stored message: the same bytes at each try, signed anew with the time of the try. */
async function post(courier: Courier, next: Next, at: Date, signal: AbortSignal): Promise<Outcome> {
  const { message, webhook } = next;
  const body = JSON.stringify({ type: message.type, timestamp: message.at.toISOString(), data: message.data });
  const secret = courier.secrets.open(webhook.secret, webhookContext(webhook.id));
  const headers = {
    "content-type": "application/json",
    "user-agent": `arcadia-cloud/${courier.release}`,
    "webhook-id": message.id,
    "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
    "webhook-signature": new Webhook(secret).sign(message.id, at, body),
  };
  return send(new URL(webhook.url), headers, body, { ...courier, signal });
}

function judge({ pauses, patienceMs: patience, ids }: Courier, next: Next, outcome: Outcome, now: Date): Verdict {
  if (outcome.error === null) return { status: "delivered", nextAttemptAt: null, disable: null };
  const disable = reasonToDisable(next, outcome, after(now, -patience));
  const pause = pauses[pauses.length + 1 - next.delivery.tries_left];
  if (disable !== null || pause === undefined || next.delivery.tries_left <= 1)
    return { status: "failed", nextAttemptAt: null, disable };
  return { status: "pending", nextAttemptAt: after(now, pause * (0.9 + 0.2 * ids.random())), disable: null };
}

function reasonToDisable({ webhook }: Next, outcome: Outcome, before: Date): string | null {
  if (outcome.status === 410) return "its receiver answered 410 Gone";
  const since = webhook.failing_since;
  return since && since <= before ? `nothing was delivered since ${since.toISOString()}` : null;
}
