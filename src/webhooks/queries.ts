import { Buffer } from "node:buffer";
import { type Insertable, type Selectable, sql, type Updateable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { isOlder, type Keyset } from "#db/keyset.ts";
import type { Webhooks } from "#db/schema.ts";
import type { Ids } from "#ids.ts";
import { Refusal } from "#refusal.ts";

export type WebhookRow = Omit<Selectable<Webhooks>, "secret" | "quiet_until">;

const columns = [
  "id",
  "url",
  "events",
  "tenant_id",
  "description",
  "created_at",
  "updated_at",
  "failing_since",
  "disabled_at",
  "disabled_reason",
] as const;

/** A signing secret of 256 random bits, as Standard Webhooks writes it. */
export const newWebhookSecret = (ids: Ids): string => `whsec_${Buffer.from(ids.bytes(32)).toString("base64")}`;

/** What a webhook's secret is sealed for. */
export const webhookContext = (id: string): string => `webhook:${id}`;

/** For one tenant, and for all that is not one tenant's: each of them may be told of everything, and look up names. */
export const mostWebhooks = { ofTenant: 20, ofAll: 100 };

/** @throws {Refusal} `too_many_webhooks` when there can be no other one. Two who ask at once go one after the other. */
export async function refuseTooMany(tx: Tx, tenantId: string | null): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`webhooks of ${tenantId}`}, 0))`.execute(tx);
  const { count } = await tx
    .selectFrom("webhooks")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("tenant_id", tenantId === null ? "is" : "=", tenantId)
    .executeTakeFirstOrThrow();
  const most = tenantId === null ? mostWebhooks.ofAll : mostWebhooks.ofTenant;
  if (count < most) return;
  const whose = tenantId === null ? "that are not one tenant's" : `of tenant ${tenantId}`;
  throw new Refusal("too_many_webhooks", `There are ${count} webhooks ${whose}, and may be ${most}; delete one first`);
}

export const insertWebhook = (tx: Tx, webhook: Insertable<Webhooks>): Promise<WebhookRow> =>
  tx.insertInto("webhooks").values(webhook).returning(columns).executeTakeFirstOrThrow();

/** `like` this is the reason of a webhook that somebody disabled on purpose; any other one was disabled by failing. */
export const switchedOff = "disabled by %";

/** `tenantId`: only that tenant's. */
export async function findWebhook(db: Db | Tx, id: string, tenantId: string | null): Promise<WebhookRow | undefined> {
  let query = db.selectFrom("webhooks").select(columns).where("id", "=", id);
  if (tenantId) query = query.where("tenant_id", "=", tenantId);
  return query.executeTakeFirst();
}

export async function listWebhooks(db: Db, tenantId: string | null, page: Keyset): Promise<WebhookRow[]> {
  let query = db
    .selectFrom("webhooks")
    .select(columns)
    .where(isOlder("created_at", "id", page.after));
  if (tenantId) query = query.where("tenant_id", "=", tenantId);
  return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(page.limit).execute();
}

export const updateWebhook = (tx: Tx, id: string, patch: Updateable<Webhooks>): Promise<WebhookRow> =>
  tx.updateTable("webhooks").set(patch).where("id", "=", id).returning(columns).executeTakeFirstOrThrow();

/** Its deliveries and their log go with it. */
export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom("webhooks").where("id", "=", id).execute();
}
