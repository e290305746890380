import { reservedIp } from "#resources/kinds/reserved-ip.ts";
import type { ReservedIpHandle } from "#resources/kinds/reserved-ip-handle.ts";
import type { Held } from "#resources/ledger.ts";
import { heldForOwner } from "#resources/rows.ts";
import type { Working } from "../step-context.ts";

/** The deployment's reserved IP, as the ledger holds it as there. */
export async function reservedIpOf(
  { deployment_id }: { readonly deployment_id: string },
  io: Pick<Working, "db">,
): Promise<Held<ReservedIpHandle> | undefined> {
  const rows = await heldForOwner(io.db, { deployment_id });
  const row = rows.find(({ kind, phase, surplus }) => kind === reservedIp.name && phase === "there" && !surplus);
  return row && { ...row, handle: reservedIp.handle.parse(row.handle) };
}
