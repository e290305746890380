import type { Selectable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { WebhookDeliveries, WebhookMessages, Webhooks } from "#db/schema.ts";
import type { Lane } from "./dispatch.ts";
import type { Outcome } from "./send.ts";

/** The next delivery of a lane, with all that it takes to try it. */
export interface Next {
  readonly delivery: Selectable<WebhookDeliveries>;
  readonly message: Selectable<WebhookMessages>;
  readonly webhook: Selectable<Webhooks>;
}

/**
 * Takes the lane's oldest pending delivery for this worker until `leasedUntil`.
 * @returns the delivery; or when to come back, because it is not due yet or another worker has it; or nothing
 */
export async function takeNext(db: Db, lane: Lane, now: Date, leasedUntil: Date): Promise<Next | Date | undefined> {
  return db.transaction().execute(async (tx) => {
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
    const webhook = await tx
      .selectFrom("webhooks")
      .selectAll()
      .where("id", "=", delivery.webhook_id)
      .executeTakeFirstOrThrow();
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
  await tx
    .updateTable("webhook_deliveries")
    .set({ leased_until: null })
    .where("webhook_id", "=", lane.webhookId)
    .where("object_id", "=", lane.objectId)
    .where("status", "=", "pending")
    .execute();
}

/**
 * Locks the webhook, before any of its deliveries: all who change both take them in this order.
 * @returns whether it is still there
 */
export const lockWebhook = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.selectFrom("webhooks").select("id").where("id", "=", id).forUpdate().executeTakeFirst()) !== undefined;

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

/** Writes the attempt, what becomes of the delivery, and how the webhook fares, as one. */
export async function recordAttempt(tx: Tx, { next, outcome, verdict, begunAt, now }: Attempted): Promise<void> {
  const { delivery, webhook } = next;
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
  if (failed === (webhook.failing_since !== null) && verdict.disable === null) return;
  await tx
    .updateTable("webhooks")
    .set((eb) => ({
      failing_since: failed ? eb.fn.coalesce("failing_since", eb.val(begunAt)) : null,
      ...(verdict.disable !== null && { disabled_at: now, disabled_reason: verdict.disable }),
    }))
    .where("id", "=", webhook.id)
    .execute();
}

/** A disabled webhook is told nothing more: what was still to be delivered has failed. */
export async function giveUp(tx: Tx, webhookId: string): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "failed", next_attempt_at: null, leased_until: null })
    .where("webhook_id", "=", webhookId)
    .where("status", "=", "pending")
    .execute();
}
