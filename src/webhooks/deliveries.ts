import { type NotNull, type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { idBegins, type Keyset } from "#db/keyset.ts";
import type { WebhookAttempts, WebhookDeliveries, WebhookMessages } from "#db/schema.ts";

export type AttemptRow = Omit<Selectable<WebhookAttempts>, "delivery_id">;
export type DeliveryRow = Pick<
  Selectable<WebhookDeliveries>,
  "id" | "message_id" | "object_id" | "at" | "status" | "attempts" | "next_attempt_at" | "delivered_at"
> &
  Pick<Selectable<WebhookMessages>, "type"> & { readonly log: readonly AttemptRow[] };

const columns = [
  "webhook_deliveries.id",
  "webhook_deliveries.message_id",
  "webhook_deliveries.object_id",
  "webhook_deliveries.at",
  "webhook_deliveries.status",
  "webhook_deliveries.attempts",
  "webhook_deliveries.next_attempt_at",
  "webhook_deliveries.delivered_at",
] as const;

const deliveriesOf = (db: Db | Tx, webhookId: string) =>
  db
    .selectFrom("webhook_deliveries")
    .select(columns)
    // Not by a join: of a small page that may read all the messages there are.
    .select((eb) =>
      eb
        .selectFrom("webhook_messages")
        .select("webhook_messages.type")
        .whereRef("webhook_messages.id", "=", "webhook_deliveries.message_id")
        .as("type"),
    )
    .$narrowType<{ type: NotNull }>()
    .where("webhook_id", "=", webhookId);

/** A webhook's deliveries, newest first, each with its attempts. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  filter: {
    readonly status?: readonly DeliveryRow["status"][] | undefined;
    readonly id_prefix?: string | undefined;
  },
  page: Keyset,
): Promise<DeliveryRow[]> {
  // Times are kept finer than a cursor carries them; an index holds them like this.
  const at = sql<Date>`date_trunc('milliseconds', webhook_deliveries.at at time zone 'UTC')`;
  let query = deliveriesOf(db, webhookId);
  const { after } = page;
  const begins = idBegins(filter.id_prefix);
  if (begins) query = query.where(begins);
  if (after)
    query = query.where(
      sql<boolean>`(${at}, webhook_deliveries.id) < (${after.at}::timestamptz at time zone 'UTC', ${after.id})`,
    );
  const newest = query.orderBy(at, "desc").orderBy("webhook_deliveries.id", "desc").limit(page.limit);
  // By an index, one status after the other: a page of each, of which one is made.
  const pages = await Promise.all(
    (filter.status ?? [undefined]).map((status) => (status ? newest.where("status", "=", status) : newest).execute()),
  );
  const rows = pages.length === 1 ? (pages[0] ?? []) : pages.flat().toSorted(byNewest).slice(0, page.limit);
  return withLog(db, rows);
}

const byNewest = (one: Pick<DeliveryRow, "at" | "id">, other: Pick<DeliveryRow, "at" | "id">): number =>
  other.at.getTime() - one.at.getTime() || (other.id > one.id ? 1 : -1);

export async function findDelivery(db: Db | Tx, webhookId: string, id: string): Promise<DeliveryRow | undefined> {
  const rows = await deliveriesOf(db, webhookId).where("webhook_deliveries.id", "=", id).execute();
  const [row] = await withLog(db, rows);
  return row;
}

async function withLog(db: Db | Tx, rows: readonly Omit<DeliveryRow, "log">[]): Promise<DeliveryRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const attempts = await db
    .selectFrom("webhook_attempts")
    .selectAll()
    .where("delivery_id", "in", ids)
    .orderBy("number")
    .execute();
  return rows.map((row) => ({ ...row, log: attempts.filter((it) => it.delivery_id === row.id) }));
}

/** Has it delivered again, whatever became of it, with a full set of tries, also where its webhook did not answer. */
export async function redeliver(tx: Tx, webhookId: string, id: string, tries: number): Promise<void> {
  await tx.updateTable("webhooks").set({ quiet_until: null }).where("id", "=", webhookId).execute();
  const again = { status: "pending", tries_left: tries, next_attempt_at: null, queued: false } as const;
  await tx.updateTable("webhook_deliveries").set(again).where("id", "=", id).execute();
}

/** For a database that came without its queue: everything pending gets a wake-up again. */
export async function requeueAll(tx: Tx): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({ queued: false, leased_until: null })
    .where("status", "=", "pending")
    .execute();
}
