import { id } from "#api/fields.ts";
import { paths } from "#api/paths.ts";
import { type Delivery, delivery, deliveryPage, deliveryQuery } from "#api/webhooks.ts";
import { notFound, Refusal } from "#refusal.ts";
import { standardPauses } from "#webhooks/deliver.ts";
import { type DeliveryRow, findDelivery, listDeliveries, redeliver } from "#webhooks/deliveries.ts";
import { findWebhook } from "#webhooks/queries.ts";
import { idInPath, noBody, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { iso, isoOrNull } from "./present.ts";

export const webhookDeliveryRoutes: Routes = (app, { db, change }) => {
  app.get(
    paths.webhookDeliveries,
    {
      schema: {
        summary: "What was sent, newest first, with every attempt",
        params: idInPath,
        querystring: deliveryQuery,
        response: { 200: deliveryPage },
      },
    },
    async (request) => {
      const { query } = request;
      const webhook = await findWebhook(db, request.params.id, callerOf(request).tenantId);
      if (!webhook) throw notFound("webhook", request.params.id);
      const rows = await listDeliveries(db, webhook.id, query, keyset("webhook_deliveries", query));
      return page("webhook_deliveries", rows, query, (row) => ({ at: row.at, id: row.id }), presentDelivery);
    },
  );

  app.post(
    paths.webhookRedeliver,
    {
      schema: {
        summary: "Deliver it again, whatever became of it",
        params: idInPath.extend({ delivery_id: id }),
        body: noBody,
        response: { 202: delivery },
      },
    },
    (request, reply) =>
      change(request, reply, async ({ tx, caller }) => {
        const { id: webhookId, delivery_id: deliveryId } = request.params;
        const webhook = await findWebhook(tx, webhookId, caller.tenantId);
        if (!webhook) throw notFound("webhook", webhookId);
        if (webhook.disabled_at)
          throw new Refusal("webhook_disabled", `Webhook ${webhookId} is disabled: enable it first`);
        if (!(await findDelivery(tx, webhookId, deliveryId))) throw notFound("delivery", deliveryId);
        await redeliver(tx, webhookId, deliveryId, standardPauses.length + 1);
        const row = await findDelivery(tx, webhookId, deliveryId);
        if (!row) throw notFound("delivery", deliveryId);
        return {
          status: 202,
          body: presentDelivery(row),
          audit: {
            action: "webhook.redeliver",
            object_type: "webhook",
            object_id: webhookId,
            tenant_id: webhook.tenant_id,
            detail: { delivery_id: deliveryId },
          },
        };
      }),
  );
};

const presentDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  message_id: row.message_id,
  type: row.type,
  object_id: row.object_id,
  status: row.status,
  attempts: row.log.map(({ at, status, duration_ms, error }) => ({ at: iso(at), status, duration_ms, error })),
  at: iso(row.at),
  next_attempt_at: isoOrNull(row.next_attempt_at),
  delivered_at: isoOrNull(row.delivered_at),
});
