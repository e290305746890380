import type { Tx } from "#db/connection.ts";

/** Disables every webhook that is not, for the reason given. @returns how many */
export async function disableAllWebhooks(tx: Tx, now: Date, reason: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable("webhooks")
    .set({ disabled_at: now, disabled_reason: reason })
    .where("disabled_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
