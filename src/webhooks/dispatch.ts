import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";

/** One webhook's messages about one object: delivered one after the other. */
export interface Lane {
  readonly webhookId: string;
  readonly objectId: string;
}

const separator = "/";
export const keyOf = ({ webhookId, objectId }: Lane): string => `${webhookId}${separator}${objectId}`;
export function laneOf(key: string): Lane {
  const [webhookId = "", objectId = ""] = key.split(separator);
  return { webhookId, objectId };
}

/** A lane that has something to do, and with whose it shares the workers. */
export interface Woken {
  readonly key: string;
  /** The webhook's tenant; the webhook, where that is not one tenant's. */
  readonly group: string;
}

const atOnce = 200;
/** Any number will do as long as it stays: dispatching in turn keeps messages in order. */
const lock = 6_021_840_117;

/** Whether there is anything to be told, or to be tried again at some time. */
export async function isBusy(db: Db): Promise<boolean> {
  const { rows } = await sql<{ busy: boolean }>`
    select exists (select from webhook_messages where not dispatched)
      or exists (select from webhook_deliveries where status = 'pending') as busy`.execute(db);
  return rows[0]?.busy ?? true;
}

/**
 * Makes a delivery of every new message for each webhook that wants it, and wakes the lanes that have something to do.
 * @returns how many messages and deliveries it handled; 0: nothing to do, or another worker is at it
 */
export function dispatch(db: Db, tries: number, wake: (tx: Tx, lane: Woken) => Promise<void>): Promise<number> {
  return transact(db, async (tx) => {
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_xact_lock(${lock}) as ours`.execute(tx);
    if (!rows[0]?.ours) return 0;
    const messages = await fanOut(tx, tries);
    // Those that somebody holds come at the next turn: waiting for them out of turn could be a deadlock.
    const waiting = await sql<{ webhook_id: string; object_id: string; group: string }>`
      update webhook_deliveries set queued = true where id in (
        select id from webhook_deliveries where status = 'pending' and not queued
        order by id limit ${atOnce * 10} for update skip locked)
      returning webhook_id, object_id,
        coalesce((select tenant_id from webhooks where id = webhook_id), webhook_id) as group`.execute(tx);
    const groups = new Map(
      waiting.rows.map((it) => [keyOf({ webhookId: it.webhook_id, objectId: it.object_id }), it.group]),
    );
    for (const [key, group] of groups) await wake(tx, { key, group });
    return messages + waiting.rows.length;
  });
}

/** In SQL, so that times keep their microseconds: within one object they tell the order. */
async function fanOut(tx: Tx, tries: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    with fresh as (
      update webhook_messages set dispatched = true where id in (
        select id from webhook_messages where not dispatched order by at, id limit ${atOnce})
      returning *
    ), made as (
      insert into webhook_deliveries (id, webhook_id, message_id, object_id, at, status, tries_left)
      select gen_random_uuid(), webhooks.id, fresh.id, fresh.object_id, fresh.at, 'pending', ${tries}
      from fresh join webhooks on webhooks.disabled_at is null
        and (webhooks.tenant_id is null or webhooks.tenant_id = fresh.tenant_id)
        and (webhooks.events && array['*', fresh.type, split_part(fresh.type, '.', 1) || '.*'])
    )
    select id from fresh`.execute(tx);
  return rows.length;
}
