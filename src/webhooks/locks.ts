import type { Selectable } from "kysely";
import type { Tx } from "#db/connection.ts";
import type { WebhookDeliveries, Webhooks } from "#db/schema.ts";

// Everybody locks in one order, the webhook first and then its deliveries by id, as deleting a webhook does.

/** `forKeyShare` keeps it from being deleted; `forNoKeyUpdate` from being changed as well. */
export const holdWebhook = (
  tx: Tx,
  id: string,
  how: "forKeyShare" | "forNoKeyUpdate",
): Promise<Selectable<Webhooks> | undefined> =>
  tx.selectFrom("webhooks").selectAll().where("id", "=", id)[how]().executeTakeFirst();

export const holdDelivery = (tx: Tx, id: string): Promise<Selectable<WebhookDeliveries> | undefined> =>
  tx.selectFrom("webhook_deliveries").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();

/** The ids of a webhook's pending deliveries, or of those about one object. */
export async function holdPending(
  tx: Tx,
  { webhookId, objectId }: { readonly webhookId: string; readonly objectId?: string },
): Promise<string[]> {
  let query = tx
    .selectFrom("webhook_deliveries")
    .select("id")
    .where("webhook_id", "=", webhookId)
    .where("status", "=", "pending");
  if (objectId !== undefined) query = query.where("object_id", "=", objectId);
  return (await query.orderBy("id").forUpdate().execute()).map((row) => row.id);
}
