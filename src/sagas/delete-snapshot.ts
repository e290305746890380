import { z } from "zod";
import { removeSnapshot } from "./steps/remove-snapshot.ts";
import { saga } from "./step-context.ts";

const input = z.object({
  snapshot_id: z.uuid(),
  deployment_id: z.uuid(),
  /** One that an earlier release began is about a droplet's. */
  kind: z.enum(["snapshot", "volume_snapshot"]).default("snapshot"),
});

/** Of a snapshot that is kept no longer. */
export const deleteSnapshot = saga("delete_snapshot", input).pivot(removeSnapshot);
