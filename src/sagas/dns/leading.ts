import { sql } from "kysely";
import type { Db } from "#db/connection.ts";
import { type RecordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import type { Row } from "#resources/ledger.ts";
import { livePhases } from "#resources/phases.ts";

/**
 * Our records that lead, or may lead, to the address of `ours` for somebody else: as the ledger has them, and those among
 * `ids`, which a listing shows to lead there, that are ours, or were once.
 */
export function recordsLeadingTo(
  db: Db,
  { zone, data }: Pick<RecordHandle, "zone" | "data">,
  { deploymentId, ids }: { readonly deploymentId: string; readonly ids: readonly number[] },
): Promise<Row[]> {
  return db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", recordKind)
    .where("deployment_id", "is distinct from", deploymentId)
    .where((row) =>
      row.or([
        row.and([
          row("phase", "in", livePhases),
          row(sql`handle ->> 'data'`, "=", data),
          row(sql`handle ->> 'zone'`, "=", zone),
          // Of a droplet that somebody else destroyed, it is parked by now or not ours any more.
          row.not(
            row.exists(
              row
                .selectFrom("droplet_absences")
                .select("droplet_absences.deployment_id")
                .whereRef("droplet_absences.deployment_id", "=", "provider_resources.deployment_id")
                .where("droplet_absences.dns", "is not", null),
            ),
          ),
        ]),
        row.and([row("phase", "in", [...livePhases, "gone"]), row("provider_id", "in", ["", ...ids.map(String)])]),
      ]),
    )
    .orderBy("created_at")
    .execute();
}
