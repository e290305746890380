import { z } from "zod";
import type { AddressRecord } from "#fleet/zones.ts";
import type { DnsIo } from "../dns/io.ts";
import { point, type Pointing } from "../dns/pointing.ts";
import { restore } from "../dns/restoring.ts";
import { clearAboutZone } from "../dns/zone-gone.ts";
import { step, type StepContext } from "../step-context.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: Omit<Pointing, "seen"> & { readonly name: string };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
  /** Where there is one, it is where the hostname leads. */
  readonly reserved_ip?: string | undefined;
  readonly dns_before: readonly AddressRecord[];
}

export const pointDeploymentDns = step({
  name: "point_deployment_dns",
  writes: z.object({ dns_record_id: z.int(), dns_written_at: z.iso.datetime() }),
  budget: (io: StepContext) => ({ tries: 8, ms: 15 * 60_000 + 4 * io.timing.settle }),

  async execute({ input, droplet_id, droplet_public_ip: address, reserved_ip, dns_before }: Reads, io: DnsIo) {
    // Since it was waited for hours may have gone by, or a backup have been restored: its address may be a stranger's.
    await verifiedDroplet({ id: droplet_id, name: input.name, address }, io);
    return clearAboutZone(io, input.zone, () => point({ ...input, seen: dns_before }, reserved_ip ?? address, io));
  },

  compensate: async ({ input }, io: DnsIo) => restore(input.zone, io),
});
