import { z } from "zod";
import { type Parking, unpark } from "../dns/parking.ts";
import type { DnsIo } from "../dns/io.ts";
import { step } from "../step-context.ts";

interface Reads {
  readonly input: Parking;
}

/** The droplet is back: its hostname leads to it again. */
export const unparkDeploymentDns = step({
  name: "unpark_deployment_dns",
  writes: z.object({}),

  execute: async ({ input }: Reads, io: DnsIo) => unpark(input, io),

  /** Goes forward only. */
  async compensate() {},
});
