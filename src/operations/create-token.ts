import type { Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { refuseFaults } from "#refusal.ts";
import { holdTenant } from "#tenants/queries.ts";
import { insertToken, type TokenRow } from "#tokens/queries.ts";
import { hashOfToken, newTokenSecret } from "#tokens/token-secret.ts";

/**
 * Makes a token. @returns its row, and the secret, which is kept nowhere
 * @throws {Refusal} `validation_failed` when the tenant does not exist or the expiry is not in the future
 */
export async function createToken(
  tx: Tx,
  asked: Pick<TokenRow, "name" | "role" | "tenant_id" | "expires_at">,
  made: { readonly ids: Ids; readonly now: Date },
): Promise<{ row: TokenRow; secret: string }> {
  const tenant = asked.tenant_id === null || (await holdTenant(tx, asked.tenant_id));
  refuseFaults([
    ...(tenant ? [] : [{ path: "tenant_id", message: `there is no tenant ${asked.tenant_id}` }]),
    ...(asked.expires_at && asked.expires_at <= made.now
      ? [{ path: "expires_at", message: "must be in the future" }]
      : []),
  ]);
  const secret = newTokenSecret(made.ids);
  const token = { ...asked, id: made.ids.uuid(), hash: hashOfToken(secret), created_at: made.now };
  const row = await insertToken(tx, token);
  if (!row) throw new Error("Two tokens of 256 random bits are equal: the source of randomness is broken");
  return { row, secret };
}
