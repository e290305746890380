import { z } from "zod";
import type { DnsIo } from "../dns/io.ts";
import { moveBack, moveTo, type Moving } from "../dns/moving.ts";
import { clearAboutZone } from "../dns/zone-gone.ts";
import { step, type StepContext } from "../step-context.ts";
import { bringOldPowerOffName } from "./bring-old-power-off.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: Moving & { readonly name: string };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
}

/** The deployment's own record, from the droplet that it led to, to the one that this saga made. */
export const moveDeploymentDns = step({
  name: "point_deployment_dns",
  writes: z.object({
    dns_record_id: z.int(),
    dns_written_at: z.iso.datetime(),
    dns_believed_until: z.iso.datetime(),
  }),
  /** With its volume the old droplet serves again, before anybody is led to it. */
  undoAfter: [bringOldPowerOffName],
  budget: (io: StepContext) => ({ tries: 8, ms: 15 * 60_000 + 4 * io.timing.settle }),

  async execute({ input, droplet_id: id, droplet_public_ip: address }: Reads, io: DnsIo) {
    await verifiedDroplet({ id, name: input.name, address }, io);
    return clearAboutZone(io, input.zone, () => moveTo(input, address, io));
  },

  compensate: async ({ input, ...made }, io: DnsIo) => moveBack(input, made, io),
});
