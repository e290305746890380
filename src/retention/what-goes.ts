import { type RawBuilder, sql } from "kysely";
import type { Tx } from "#db/connection.ts";
import type { DB } from "#db/schema.ts";

/** Rows of one table that go with what goes. */
interface Part {
  readonly table: keyof DB;
  /** Which, by the ids of what goes. */
  readonly of: (ids: RawBuilder<unknown>) => RawBuilder<unknown>;
  /** Not exported: secrets that nobody can open elsewhere. */
  readonly isSecret?: true;
}

/** Something that grows and has an age at which it goes. */
export interface Kind {
  readonly name: "sagas" | "deliveries" | "audit";
  /** The oldest after a position, how many there are: those that go, and the position of the last that was looked at. */
  readonly next: (tx: Tx, window: Window) => Promise<{ readonly ids: string[]; readonly last: Place | undefined }>;
  /** What else is done with whatever refers to them, before they are deleted. */
  readonly detach?: (tx: Tx, ids: RawBuilder<unknown>) => Promise<void>;
  /** Afterwards, in the same transaction. */
  readonly attach?: (tx: Tx) => Promise<void>;
  /** In the order in which they are deleted. */
  readonly parts: readonly Part[];
}

/** Of a row, with its time as PostgreSQL has it: finer than JavaScript would. */
export interface Place {
  readonly at: string;
  readonly id: string;
}

export interface Window {
  readonly before: Date;
  readonly after: Place | undefined;
  readonly most: number;
}

type Seen = Place & { readonly goes: boolean };

const told = (rows: readonly Seen[]) => ({
  ids: rows.filter(({ goes }) => goes).map(({ id }) => id),
  last: rows.at(-1),
});

const isAfter = (at: string, { before, after }: Window) => {
  const column = sql.ref(at);
  return after
    ? sql`${column} < ${before} and (${column}, id) > (${after.at}::timestamptz, ${after.id})`
    : sql`${column} < ${before}`;
};

/**
 * What the ledger needs a saga for: something that it began, or answers for, is there, or may be, or is still looked for; or
 * the other saga that had to do with it ended only lately.
 */
const neededFor = (by: "begun_by" | "saga_id", other: "begun_by" | "saga_id", before: Date) => sql`
  select 1 from provider_resources held where ${sql.ref(`held.${by}`)} = seen.id and (
    phase in ('sending', 'there', 'removing') or recheck_at is not null
    or exists (select from snapshots where id = held.id)
    or exists (select from sagas where id = ${sql.ref(`held.${other}`)} and (finished_at is null or finished_at >= ${before})))`;

/**
 * Sagas that have ended, with all that only they knew. One stays as long as anything that lives refers to it: a
 * deployment that may still be provisioned, something that we have at the provider, a droplet of the inventory, a stray,
 * or a look that is still to come for what it left.
 */
const sagas: Kind = {
  name: "sagas",
  next: async (tx, window) => {
    const { rows } = await sql<Seen>`
      select seen.id, finished_at::text as at, need is null as goes
      from (
        select id, finished_at from sagas where ${isAfter("finished_at", window)}
        order by finished_at, id limit ${window.most} for update
      ) seen
      -- Asked of each by itself: whether any of them is needed would be found by reading all that lives.
      left join lateral (
        select 1 from deployments where saga_id = seen.id and status <> 'terminated'
        union all ${neededFor("begun_by", "saga_id", window.before)}
        union all ${neededFor("saga_id", "begun_by", window.before)}
        union all select 1 from provider_changes where saga_id = seen.id and exists (
          select from provider_resources where id = resource_id and (phase in ('sending', 'there', 'removing') or provider_changes.recheck_at is not null))
        union all select 1 from droplet_absences where saga_id = seen.id
        union all select 1 from cloud_resources where registered_by = seen.id and deleted_at is null
        union all select 1 from cloud_resources where linked_by = seen.id and deleted_at is null
        union all select 1 from strays where gone_at is null and seen.id in (saga_id, destroy_saga_id)
        limit 1
      ) needed (need) on true
      order by seen.finished_at, seen.id`.execute(tx);
    return told(rows);
  },
  detach: async (tx, ids) => {
    await sql`update deployments set saga_id = null where saga_id = any(${ids})`.execute(tx);
  },
  parts: [
    {
      table: "provider_changes",
      of: (ids) => sql`saga_id = any(${ids}) or resource_id in (
        select id from provider_resources where begun_by = any(${ids}) or saga_id = any(${ids}))`,
    },
    { table: "provider_resources", of: (ids) => sql`begun_by = any(${ids}) or saga_id = any(${ids})` },
    { table: "saga_log", of: (ids) => sql`saga_id = any(${ids})` },
    { table: "saga_steps", of: (ids) => sql`saga_id = any(${ids})` },
    { table: "sealed_user_data", of: (ids) => sql`owner_id = any(${ids})`, isSecret: true },
    { table: "sagas", of: (ids) => sql`id = any(${ids})` },
  ],
};

/** What webhooks were told, unless it is still to be delivered. */
const deliveries: Kind = {
  name: "deliveries",
  next: async (tx, window) => {
    const { rows } = await sql<Seen>`
      select id, at::text, dispatched and not exists (
        select from webhook_deliveries where message_id = seen.id and status = 'pending') as goes
      from (
        select id, at, dispatched from webhook_messages where ${isAfter("at", window)}
        order by at, id limit ${window.most} for update
      ) seen order by seen.at, id`.execute(tx);
    return told(rows);
  },
  parts: [
    {
      table: "webhook_attempts",
      of: (ids) => sql`delivery_id in (select id from webhook_deliveries where message_id = any(${ids}))`,
    },
    { table: "webhook_deliveries", of: (ids) => sql`message_id = any(${ids})` },
    { table: "webhook_messages", of: (ids) => sql`id = any(${ids})` },
  ],
};

/** Lines of the audit log. Only the owner of the table can delete them, and only like this. */
const audit: Kind = {
  name: "audit",
  next: async (tx, window) => {
    const { rows } = await sql<Seen>`
      select id, at::text, true as goes from audit_log where ${isAfter("at", window)}
      order by audit_log.at, id limit ${window.most}`.execute(tx);
    return told(rows);
  },
  detach: async (tx) => {
    await sql`alter table audit_log disable trigger audit_log_is_append_only`.execute(tx);
  },
  attach: async (tx) => {
    await sql`alter table audit_log enable always trigger audit_log_is_append_only`.execute(tx);
  },
  parts: [{ table: "audit_log", of: (ids) => sql`id = any(${ids})` }],
};

export const kinds = { sagas, deliveries, audit };
