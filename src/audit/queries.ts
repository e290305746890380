import type { Insertable, Selectable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { isOlder, type Keyset } from "#db/keyset.ts";
import type { AuditLog } from "#db/schema.ts";

export type AuditRow = Selectable<AuditLog>;

/** Appends to the audit log, in the transaction of what it tells. The database refuses to change it later. */
export async function recordAudit(tx: Tx, entry: Insertable<AuditLog>): Promise<void> {
  await tx.insertInto("audit_log").values(entry).execute();
}

export interface AuditFilter {
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  /** A thing's id, or a kind of thing. */
  readonly object?: string | undefined;
  readonly object_type?: string | undefined;
  readonly object_id?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Of the tokens that did these things, those that are the tenant's own. */
export async function ownTokens(db: Db, rows: readonly AuditRow[], tenantId: string): Promise<Set<string>> {
  const ids = [...new Set(rows.flatMap((row) => row.token_id ?? []))];
  if (ids.length === 0) return new Set();
  const own = await db
    .selectFrom("api_tokens")
    .select("id")
    .where("id", "in", ids)
    .where("tenant_id", "=", tenantId)
    .execute();
  return new Set(own.map((row) => row.id));
}

export function listAudit(db: Db, filter: AuditFilter, page: Keyset): Promise<AuditRow[]> {
  let query = db
    .selectFrom("audit_log")
    .selectAll()
    .where(isOlder("at", "id", page.after));
  if (filter.subject !== undefined) query = query.where("subject", "=", filter.subject);
  if (filter.action !== undefined) query = query.where("action", "=", filter.action);
  const { object } = filter;
  if (object !== undefined)
    query = query.where((eb) => eb.or([eb("object_id", "=", object), eb("object_type", "=", object)]));
  if (filter.object_type !== undefined) query = query.where("object_type", "=", filter.object_type);
  if (filter.object_id !== undefined) query = query.where("object_id", "=", filter.object_id);
  if (filter.tenant_id !== undefined) query = query.where("tenant_id", "=", filter.tenant_id);
  if (filter.since) query = query.where("at", ">=", filter.since);
  if (filter.until) query = query.where("at", "<", filter.until);
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(page.limit).execute();
}
