import { paths } from "#api/paths.ts";
import {
  createdWebhook,
  newWebhook,
  type Webhook,
  webhook,
  webhookChange,
  webhookPage,
  webhookQuery,
} from "#api/webhooks.ts";
import { notFound, refuseFaults } from "#refusal.ts";
import { holdTenant } from "#tenants/queries.ts";
import {
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  newWebhookSecret,
  refuseTooMany,
  updateWebhook,
  webhookContext,
  type WebhookRow,
} from "#webhooks/queries.ts";
import { faultOfTarget } from "#webhooks/target.ts";
import { idInPath, nothing, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { iso, isoOrNull } from "./present.ts";

export const webhookRoutes: Routes = (app, { db, clock, ids, secrets, change, webhookTargets }) => {
  const refuseTarget = async (url: string | undefined): Promise<void> => {
    const policy = webhookTargets ?? { allowPrivate: false };
    const message = url === undefined ? undefined : await faultOfTarget(url, policy, clock);
    if (message !== undefined) refuseFaults([{ path: "url", message }]);
  };

  app.get(
    paths.webhooks,
    { schema: { summary: "List webhooks", querystring: webhookQuery, response: { 200: webhookPage } } },
    async (request) => {
      const rows = await listWebhooks(db, callerOf(request).tenantId, keyset("webhooks", request.query));
      return page("webhooks", rows, request.query, (row) => ({ at: row.created_at, id: row.id }), presentWebhook);
    },
  );

  app.post(
    paths.webhooks,
    {
      schema: {
        summary: "Create a webhook; its signing secret is shown this once",
        body: newWebhook,
        response: { 201: createdWebhook },
      },
    },
    async (request, reply) => {
      // Before its name is looked up as well: whoever may make no other one may not have names looked up either.
      const whose = callerOf(request).tenantId ?? request.body.tenant_id ?? null;
      await db.transaction().execute((tx) => refuseTooMany(tx, whose));
      await refuseTarget(request.body.url);
      await change(request, reply, async ({ tx, caller, now }) => {
        const { url, events, description = null } = request.body;
        const tenant_id = caller.tenantId ?? request.body.tenant_id ?? null;
        const asked = request.body.tenant_id;
        const foreign = asked !== undefined && asked !== tenant_id;
        if (asked !== undefined && (foreign || !(await holdTenant(tx, asked))))
          refuseFaults([{ path: "tenant_id", message: `there is no tenant ${asked}` }]);
        await refuseTooMany(tx, tenant_id);
        const id = ids.uuid();
        const secret = newWebhookSecret(ids);
        const sealed = secrets.seal(secret, webhookContext(id));
        const times = { created_at: now, updated_at: now };
        const row = await insertWebhook(tx, { id, url, events, tenant_id, description, secret: sealed, ...times });
        return {
          status: 201,
          body: { ...presentWebhook(row), secret },
          secret: true,
          location: `${paths.webhooks}/${id}`,
          audit: audited("webhook.create", row),
        };
      });
    },
  );

  app.get(
    paths.webhook,
    { schema: { summary: "Show a webhook", params: idInPath, response: { 200: webhook } } },
    async (request) => {
      const row = await findWebhook(db, request.params.id, callerOf(request).tenantId);
      if (!row) throw notFound("webhook", request.params.id);
      return presentWebhook(row);
    },
  );

  app.patch(
    paths.webhook,
    {
      schema: {
        summary: "Change a webhook, disable it or enable it again",
        params: idInPath,
        body: webhookChange,
        response: { 200: webhook },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      // Whoever has no webhook there may not have names looked up either.
      if (!(await findWebhook(db, id, callerOf(request).tenantId))) throw notFound("webhook", id);
      await refuseTarget(request.body.url);
      await change(request, reply, async ({ tx, caller, now }) => {
        const before = await findWebhook(tx, id, caller.tenantId);
        if (!before) throw notFound("webhook", id);
        const { url, events, description, enabled } = request.body;
        const disabled = { disabled_at: before.disabled_at ?? now, disabled_reason: `disabled by ${caller.name}` };
        const row = await updateWebhook(tx, id, {
          updated_at: now,
          ...(url !== undefined && { url, quiet_until: null }),
          ...(events && { events }),
          ...(description !== undefined && { description }),
          ...(enabled === true && { disabled_at: null, disabled_reason: null, failing_since: null, quiet_until: null }),
          ...(enabled === false && disabled),
        });
        return { status: 200, body: presentWebhook(row), audit: audited("webhook.change", row) };
      });
    },
  );

  app.delete(
    paths.webhook,
    { schema: { summary: "Delete a webhook and its log", params: idInPath, response: { 204: nothing } } },
    (request, reply) =>
      change(request, reply, async ({ tx, caller }) => {
        const row = await findWebhook(tx, request.params.id, caller.tenantId);
        if (!row) throw notFound("webhook", request.params.id);
        await deleteWebhook(tx, row.id);
        return { status: 204, audit: audited("webhook.delete", row) };
      }),
  );
};

const presentWebhook = (row: WebhookRow): Webhook => ({
  id: row.id,
  url: row.url,
  events: row.events,
  tenant_id: row.tenant_id,
  description: row.description,
  enabled: row.disabled_at === null,
  disabled_at: isoOrNull(row.disabled_at),
  disabled_reason: row.disabled_reason,
  failing_since: isoOrNull(row.failing_since),
  created_at: iso(row.created_at),
  updated_at: iso(row.updated_at),
});

/** The address may hold a key of the receiver's: the log names the host alone. */
const audited = (action: string, row: WebhookRow) => ({
  action,
  object_type: "webhook",
  object_id: row.id,
  tenant_id: row.tenant_id,
  detail: { host: new URL(row.url).host, events: row.events },
});
