import { endedStatuses } from "#saga-ended.ts";
import { recordAudit } from "#audit/queries.ts";
import type { Tx } from "#db/connection.ts";
import { type Account, identityOf } from "./account.ts";

/**
 * Puts the account in the place of the user by whom it was known, in the transaction that holds the provider's row: for
 * the sagas under way too, which carry the account that they began with (rule 26).
 */
export async function learnAccount(
  tx: Tx,
  learned: {
    readonly formerly: string;
    readonly told: Account;
    readonly at: Date;
    readonly auditId: string;
    readonly workerId: string;
  },
): Promise<void> {
  const { formerly, told, at, auditId, workerId } = learned;
  await tx
    .updateTable("sagas")
    .set({ account_uuid: identityOf(told) })
    .where("account_uuid", "=", formerly)
    .where("status", "not in", endedStatuses)
    .execute();
  await recordAudit(tx, {
    id: auditId,
    at,
    subject: `worker ${workerId}`,
    action: "provider.learn_account",
    object_type: "provider",
    object_id: identityOf(told),
    detail: JSON.stringify({ formerly, user: told.user, team: told.team }),
  });
}
