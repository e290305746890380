import type { Selectable } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { isOlder, type Keyset } from "#db/keyset.ts";
import type { ApiTokens } from "#db/schema.ts";
import { isReadOnly } from "#db/violation.ts";

export type TokenRow = Omit<Selectable<ApiTokens>, "hash" | "origin">;
export type Role = TokenRow["role"];

const columns = ["id", "name", "role", "tenant_id", "created_at", "expires_at", "revoked_at", "last_used_at"] as const;

export const findTokenByHash = (db: Db, hash: Buffer): Promise<TokenRow | undefined> =>
  db.selectFrom("api_tokens").select(columns).where("hash", "=", hash).executeTakeFirst();

export const findToken = (db: Db, id: string): Promise<TokenRow | undefined> =>
  db.selectFrom("api_tokens").select(columns).where("id", "=", id).executeTakeFirst();

type NewToken = Pick<TokenRow, "id" | "name" | "role" | "tenant_id" | "created_at" | "expires_at">;

/**
 * `origin`: where the server itself got it.
 * @returns the row, or undefined when a token with this hash is there already
 */
export const insertToken = (
  db: Db | Tx,
  token: NewToken & { readonly hash: Buffer; readonly origin?: string },
): Promise<TokenRow | undefined> =>
  db
    .insertInto("api_tokens")
    .values(token)
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .returning(columns)
    .executeTakeFirst();

export const listTokens = (db: Db, page: Keyset): Promise<TokenRow[]> =>
  db
    .selectFrom("api_tokens")
    .select(columns)
    .where(isOlder("created_at", "id", page.after))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(page.limit)
    .execute();

/** Revokes for good; a token that is revoked already keeps its time. @returns undefined when there is no such token */
export const revokeToken = (tx: Tx, id: string, now: Date): Promise<TokenRow | undefined> =>
  tx
    .updateTable("api_tokens")
    .set((eb) => ({ revoked_at: eb.fn.coalesce("revoked_at", eb.val(now)) }))
    .where("id", "=", id)
    .returning(columns)
    .executeTakeFirst();

/** Revokes what came from there before the token `id`. @returns what was revoked */
export const revokeReplaced = (tx: Tx, origin: string, id: string, now: Date): Promise<TokenRow[]> =>
  tx
    .updateTable("api_tokens")
    .set({ revoked_at: now })
    .where("origin", "=", origin)
    .where("id", "<>", id)
    .where("revoked_at", "is", null)
    .returning(columns)
    .execute();

/** Every token by its hash (in base64), and whether it is at its end for good. There are no more than somebody made. */
export async function readTokenEnds(db: Db): Promise<Map<string, Pick<TokenRow, "revoked_at" | "expires_at">>> {
  const rows = await db.selectFrom("api_tokens").select(["hash", "revoked_at", "expires_at"]).execute();
  return new Map(rows.map(({ hash, ...ends }) => [hash.toString("base64"), ends]));
}

export async function revokeTokensOfTenant(tx: Tx, tenantId: string, now: Date): Promise<void> {
  await tx
    .updateTable("api_tokens")
    .set({ revoked_at: now })
    .where("tenant_id", "=", tenantId)
    .where("revoked_at", "is", null)
    .execute();
}

const useInterval = 60_000;

/** Records the use of a token, at most once a minute. */
export async function touchToken(db: Db, token: TokenRow, now: Date): Promise<void> {
  const stale = after(now, -useInterval);
  if (token.last_used_at && token.last_used_at > stale) return;
  await db
    .updateTable("api_tokens")
    .set({ last_used_at: now })
    .where("id", "=", token.id)
    .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<=", stale)]))
    .execute()
    // Who only reads is served all the same.
    .catch((error: unknown) => {
      if (!isReadOnly(error)) throw error;
    });
}

export async function isTokenLive(db: Db, id: string, now: Date): Promise<boolean> {
  const row = await liveTokens(db, now).where("id", "=", id).executeTakeFirst();
  return row !== undefined;
}

export async function hasLiveAdminToken(db: Db, now: Date): Promise<boolean> {
  const row = await liveTokens(db, now)
    .where("role", "=", "admin")
    .where("tenant_id", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const liveTokens = (db: Db, now: Date) =>
  db
    .selectFrom("api_tokens")
    .select("id")
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]));
