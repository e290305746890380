import { z } from "zod";

/** A record that a change of ours has led elsewhere after it was given up on, and where it is to lead again. */
export const ledAstray = z.object({
  deployment_id: z.uuid(),
  tenant_id: z.uuid(),
  /** The ledger's row of the record. */
  resource_id: z.uuid(),
  /** Where our late change has led it. */
  from: z.string(),
  data: z.string(),
  ttl: z.int().nullable(),
});
export type LedAstray = Readonly<z.output<typeof ledAstray>>;
