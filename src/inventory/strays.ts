import type { Tx } from "#db/connection.ts";

/** The stray is proven gone. */
export async function closeStray(tx: Tx, providerId: number, at: Date): Promise<void> {
  await tx
    .updateTable("strays")
    .set({ verdict: "destroyed", gone_at: at })
    .where("provider_id", "=", providerId)
    .where("gone_at", "is", null)
    .execute();
}
