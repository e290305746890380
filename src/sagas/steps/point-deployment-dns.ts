import { z } from "zod";
import type { AddressRecord } from "#fleet/zones.ts";
import type { DnsIo } from "../dns/io.ts";
import { point, type Pointing } from "../dns/pointing.ts";
import { restore } from "../dns/restoring.ts";
import { clearAboutZone } from "../dns/zone-gone.ts";
import { step, type World } from "../step-context.ts";

interface Reads {
  readonly input: Omit<Pointing, "seen">;
  readonly droplet_public_ip: string;
  readonly dns_before: readonly AddressRecord[];
}

export const pointDeploymentDns = step({
  name: "point_deployment_dns",
  writes: z.object({ dns_record_id: z.int(), dns_written_at: z.iso.datetime() }),
  budget: (io: World) => ({ tries: 6, ms: 15 * 60_000 + 4 * io.timing.settle }),

  execute: async ({ input, droplet_public_ip, dns_before }: Reads, io: DnsIo) =>
    clearAboutZone(io, input.zone, () => point({ ...input, seen: dns_before }, droplet_public_ip, io)),

  compensate: async ({ input }, io: DnsIo) => restore(input.zone, io),
});
