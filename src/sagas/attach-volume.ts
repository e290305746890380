import { z } from "zod";
import { attachVolume as attach } from "./steps/attach-volume.ts";
import { saga } from "./step-context.ts";

const input = z.object({
  deployment_id: z.uuid(),
  tenant_id: z.uuid(),
  droplet_id: z.int(),
  volume_id: z.string(),
});

/** A volume that an action of ours has taken off its droplet after it was given up on is put back on. */
export const attachVolume = saga("attach_volume", input).pivot(attach);
