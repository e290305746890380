import { z } from "zod";
import { deploymentStatuses } from "./deployments.ts";
import { id, idPrefix, text, timestamp } from "./fields.ts";
import { oneOf, pageOf, pageQuery } from "./page.ts";

/** Waiting is not told: it alternates with running all the time. */
const sagaEvents = ["pending", "running", "compensating", "completed", "rolled_back", "stuck", "held"] as const;

/** What a webhook can be told of. `saga.running` comes once, and again when a stuck saga is retried. */
export const webhookEvents: readonly string[] = [
  ...deploymentStatuses.map((status) => `deployment.${status}`),
  // Something is true of an active deployment that should not be, or other things are; nothing is any more.
  "deployment.degraded",
  "deployment.recovered",
  // Something is wrong with the installation as a whole. Told to webhooks of no tenant only.
  "problem.raised",
  "problem.solved",
  // More is destroyed than may be in an hour: the first that is held. To webhooks of no tenant only.
  "breaker.tripped",
  ...sagaEvents.map((status) => `saga.${status}`),
];
const patterns = ["*", "deployment.*", "problem.*", "saga.*", ...webhookEvents];

const events = z
  .array(z.string().refine((it) => patterns.includes(it), `must be one of ${patterns.join(", ")}`))
  .min(1)
  .max(patterns.length);
const url = text(2000);
const description = text(200);

export const webhook = z
  .object({
    id,
    url: z.string(),
    events: z.array(z.string()),
    /** Set: it is told of this tenant only. */
    tenant_id: id.nullable(),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabled_at: timestamp.nullable(),
    disabled_reason: z.string().nullable(),
    /** Since when nothing could be delivered. */
    failing_since: timestamp.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Webhook" });
export type Webhook = z.infer<typeof webhook>;

export const newWebhook = z
  .strictObject({
    url,
    events: events.default(["*"]),
    tenant_id: id.optional(),
    description: description.optional(),
  })
  .meta({ id: "NewWebhook" });

/** `secret` is shown this once: what is kept is sealed. */
export const createdWebhook = webhook.extend({ secret: z.string() }).meta({ id: "CreatedWebhook" });

export const webhookChange = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.nullable().optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: "WebhookChange" });

export const webhookQuery = pageQuery;
export const webhookPage = pageOf(webhook).meta({ id: "WebhookPage" });

export const deliveryStatuses = ["pending", "delivered", "failed"] as const;

export const delivery = z
  .object({
    id,
    /** The header webhook-id: the same at each try, so that a receiver can tell a repetition. */
    message_id: id,
    type: z.string(),
    /** The deployment or saga. */
    object_id: id,
    status: z.enum(deliveryStatuses),
    attempts: z.array(
      z.object({
        at: timestamp,
        status: z.int().nullable(),
        duration_ms: z.int(),
        error: z.string().nullable(),
      }),
    ),
    at: timestamp,
    next_attempt_at: timestamp.nullable(),
    delivered_at: timestamp.nullable(),
  })
  .meta({ id: "WebhookDelivery" });
export type Delivery = z.infer<typeof delivery>;

export const deliveryQuery = pageQuery.extend({
  status: oneOf(deliveryStatuses).optional(),
  id_prefix: idPrefix.optional(),
});
export const deliveryPage = pageOf(delivery).meta({ id: "WebhookDeliveryPage" });
