import { z } from "zod";
import { type Adopting, claimRecord, giveRecordBack } from "../dns/adopting.ts";
import type { DnsIo } from "../dns/io.ts";
import { step } from "../step-context.ts";

interface Reads {
  readonly input: Omit<Adopting, "zone"> & { readonly zone: string | null };
}

/** The record that leads to the droplet is ours from now on, as it stands. */
export const claimDeploymentDns = step({
  name: "claim_deployment_dns",
  writes: z.object({}),

  async execute({ input }: Reads, io: DnsIo) {
    const { zone } = input;
    if (zone === null) throw new Error("A claim without a zone");
    return claimRecord({ ...input, zone }, io);
  },

  compensate: (_reads, io: DnsIo) => giveRecordBack(io),
});
