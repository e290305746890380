import { z } from "zod";
import { type Parking, park } from "../dns/parking.ts";
import type { DnsIo } from "../dns/io.ts";
import { step } from "../step-context.ts";

interface Reads {
  readonly input: Parking;
}

/** The address of a droplet that is gone is given to a stranger: nobody may be led there by us. */
export const parkDeploymentDns = step({
  name: "park_deployment_dns",
  writes: z.object({}),

  execute: async ({ input }: Reads, io: DnsIo) => park(input, io),

  /** Goes forward only: putting it back would lead to whoever has the address now. */
  async compensate() {},
});
