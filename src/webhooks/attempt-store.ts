import type { Selectable } from "kysely";
import { after } from "#clock.ts";
import { transact } from "#db/transact.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { WebhookDeliveries, WebhookMessages, Webhooks } from "#db/schema.ts";
import type { Lane } from "./dispatch.ts";
import { holdDelivery, holdPending, holdWebhook } from "./locks.ts";
import type { Outcome } from "./send.ts";

/** The next delivery of a lane, with all that it takes to try it. */
export interface Next {
  readonly delivery: Selectable<WebhookDeliveries>;
  readonly message: Selectable<WebhookMessages>;
  readonly webhook: Selectable<Webhooks>;
}

/** The longest that a webhook which does not answer is left alone. Milliseconds. */
const longestQuietMs = 5 * 60_000;

/**
 * Takes the lane's oldest pending delivery for this worker until `leasedUntil`.
 * @returns the delivery; or when to come back, because it is not due yet, another worker has it, or its webhook does not
 *   answer and is left alone, or tried by another lane; or nothing, also when the webhook is deleted
 */
export async function takeNext(db: Db, lane: Lane, now: Date, leasedUntil: Date): Promise<Next | Date | undefined> {
  return transact(db, async (tx) => {
    const known = await holdWebhook(tx, lane.webhookId, "forKeyShare");
    const webhook = known?.quiet_until ? await holdWebhook(tx, lane.webhookId, "forNoKeyUpdate") : known;
    if (!webhook) return undefined;
    const quietUntil = webhook.disabled_at ? null : webhook.quiet_until;
    const delivery = await tx
      .selectFrom("webhook_deliveries")
      .selectAll()
      .where("webhook_id", "=", lane.webhookId)
      .where("object_id", "=", lane.objectId)
      .where("status", "=", "pending")
      .orderBy("at")
      .orderBy("message_id")
      .limit(1)
      .forUpdate()
      .executeTakeFirst();
    if (!delivery) return undefined;
    const busyUntil = delivery.leased_until;
    if (busyUntil && busyUntil > now) return busyUntil;
    if (delivery.next_attempt_at && delivery.next_attempt_at > now) return delivery.next_attempt_at;
    if (quietUntil && quietUntil > now) return quietUntil;
    if (quietUntil) await beQuiet(tx, webhook.id, leasedUntil);
    const message = await tx
      .selectFrom("webhook_messages")
      .selectAll()
      .where("id", "=", delivery.message_id)
      .executeTakeFirstOrThrow();
    await tx
      .updateTable("webhook_deliveries")
      .set({ leased_until: leasedUntil })
      .where("id", "=", delivery.id)
      .execute();
    return { delivery, message, webhook };
  });
}

/** Gives back what a worker that stops had taken: another need not wait for the lease to end. */
export async function giveBack(tx: Tx, lane: Lane): Promise<void> {
  const ids = await holdPending(tx, lane);
  if (ids.length === 0) return;
  await tx.updateTable("webhook_deliveries").set({ leased_until: null }).where("id", "in", ids).execute();
}

/** What becomes of a delivery after an attempt. */
export interface Verdict {
  readonly status: "pending" | "delivered" | "failed";
  readonly nextAttemptAt: Date | null;
  /** Why the webhook is disabled from now on. */
  readonly disable: string | null;
}

export interface Attempted {
  readonly next: Next;
  readonly outcome: Outcome;
  readonly verdict: Verdict;
  readonly begunAt: Date;
  readonly now: Date;
}

/**
 * Writes the attempt, what becomes of the delivery, and how the webhook fares, as one.
 * @returns whether the webhook is disabled by it; undefined when it was deleted meanwhile, and its deliveries with it
 */
export function recordAttempt(
  db: Db,
  { next, outcome, verdict, begunAt, now }: Attempted,
): Promise<boolean | undefined> {
  return transact(db, async (tx) => {
    const webhook = await holdWebhook(tx, next.webhook.id, "forNoKeyUpdate");
    const delivery = webhook && (await holdDelivery(tx, next.delivery.id));
    if (!delivery) return undefined;
    const number = delivery.attempts + 1;
    await tx
      .insertInto("webhook_attempts")
      .values({
        delivery_id: delivery.id,
        number,
        at: begunAt,
        status: outcome.status,
        duration_ms: now.getTime() - begunAt.getTime(),
        error: outcome.error,
      })
      .execute();
    await tx
      .updateTable("webhook_deliveries")
      .set({
        status: verdict.status,
        attempts: number,
        tries_left: delivery.tries_left - 1,
        next_attempt_at: verdict.nextAttemptAt,
        leased_until: null,
        delivered_at: verdict.status === "delivered" ? now : null,
      })
      .where("id", "=", delivery.id)
      .execute();
    const failed = outcome.error !== null;
    // Somebody, or another lane, may have disabled it meanwhile: the first reason stands.
    const disables = verdict.disable !== null && webhook.disabled_at === null;
    const failingSince = failed ? (webhook.failing_since ?? begunAt) : null;
    const quietUntil = outcome.status === null && failingSince ? quietAfter(failingSince, now) : null;
    const isAsBefore =
      failed === (webhook.failing_since !== null) && quietUntil === null && webhook.quiet_until === null;
    if (isAsBefore && !disables) return false;
    await tx
      .updateTable("webhooks")
      .set({
        failing_since: failingSince,
        quiet_until: quietUntil,
        ...(disables && { disabled_at: now, disabled_reason: verdict.disable }),
      })
      .where("id", "=", webhook.id)
      .execute();
    if (disables) await giveUp(tx, webhook.id);
    return disables;
  });
}

/** While one lane tries it, the others leave it alone. */
async function beQuiet(tx: Tx, webhookId: string, until: Date): Promise<void> {
  await tx.updateTable("webhooks").set({ quiet_until: until }).where("id", "=", webhookId).execute();
}

/** For as long again as nothing was delivered. */
const quietAfter = (failingSince: Date, now: Date): Date =>
  after(now, Math.min(now.getTime() - failingSince.getTime(), longestQuietMs));

/** A disabled webhook is told nothing more: what was still to be delivered has failed. One enabled again goes on. */
export const giveUpDisabled = (db: Db, webhookId: string): Promise<void> =>
  transact(db, async (tx) => {
    const webhook = await holdWebhook(tx, webhookId, "forNoKeyUpdate");
    if (webhook?.disabled_at) await giveUp(tx, webhookId);
  });

async function giveUp(tx: Tx, webhookId: string): Promise<void> {
  const ids = await holdPending(tx, { webhookId });
  if (ids.length === 0) return;
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "failed", next_attempt_at: null, leased_until: null })
    .where("id", "in", ids)
    .execute();
}
