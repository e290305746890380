import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { all, equals, type Keyset, readPage } from "#db/keyset.ts";
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
  const { object, since, until } = filter;
  const every = all(
    equals("subject", filter.subject),
    equals("action", filter.action),
    equals("object_type", filter.object_type),
    equals("object_id", filter.object_id),
    equals("tenant_id", filter.tenant_id),
    since && sql<boolean>`at >= ${since}`,
    until && sql<boolean>`at < ${until}`,
  );
  const some =
    object === undefined ? undefined : [sql<boolean>`object_id = ${object}`, sql<boolean>`object_type = ${object}`];
  return readPage(db, { table: "audit_log", at: "at", every, some }, page);
}
