import { z } from "zod";
import { deploymentStatuses } from "./deployments.ts";
import { sagaStatuses } from "./sagas.ts";

export const longestStatsDays = 90;

export const statsQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(longestStatsDays).default(30) });

/** The provisionings that began on one day, UTC. Seconds are of those that completed. */
export const statsDay = z.object({
  day: z.iso.date(),
  completed: z.int(),
  /** Rolled back by itself. */
  failed: z.int(),
  /** Rolled back because somebody asked. */
  cancelled: z.int(),
  median_seconds: z.number().nullable(),
  p95_seconds: z.number().nullable(),
});
export type StatsDay = z.infer<typeof statsDay>;

const counts = <const Status extends string>(statuses: readonly Status[]) => z.record(z.enum(statuses), z.int());

export const stats = z
  .object({
    deployments: counts(deploymentStatuses),
    /** The deployments whose saga is stuck; each is counted in its status too. */
    stuck_deployments: z.int(),
    /** The deployments of which something is true that should not be. */
    degraded_deployments: z.int(),
    sagas: counts(sagaStatuses),
    /** Every day that was asked for, oldest first. */
    provisioning: z.array(statsDay),
  })
  .meta({ id: "Stats" });
