import { sql } from "kysely";
import type { Tx } from "#db/connection.ts";

/**
 * Revokes every token that is not. Their hashes go too: the admin token of this server, in its file or from outside,
 * may be among them, and is registered anew by the next start. @returns how many
 */
export async function revokeAllTokens(tx: Tx, now: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable("api_tokens")
    .set({ revoked_at: now, hash: sql<Buffer>`sha256(uuid_send(gen_random_uuid()))` })
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
