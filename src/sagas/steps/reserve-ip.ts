import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { ensure } from "#resources/ensure.ts";
import { reservedIp } from "#resources/kinds/reserved-ip.ts";
import { remove } from "#resources/remove.ts";
import { heldBy } from "#resources/kind.ts";
import { untilLeftLeadNowhere } from "../dns/led-by-others.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly deployment_id: string; readonly tenant_id: string; readonly region: string };
}
type Io = StepContext & Attempt<never>;

/** The address to which the hostname leads, whichever droplet it is assigned to. */
export const reserveIp = step({
  name: "reserve_ip",
  writes: z.object({ reserved_ip: z.ipv4() }),
  /** Somebody may be led to it until then, and what is assigned to it is not released. */
  undoAfter: ["point_deployment_dns", "assign_reserved_ip"],
  budget: (io: StepContext) => ({ tries: 8, ms: 20 * 60_000 + 4 * io.timing.settle }),

  execute: async ({ input: { deployment_id, tenant_id, region } }: Reads, io: Io) =>
    ensure(
      io,
      reservedIp,
      {
        handle: { region, saga_id: io.saga.id, since: io.saga.startedAt.toISOString() },
        owner: { deployment_id, tenant_id },
        spec: async () => undefined,
      },
      async ({ id }) => ({ reserved_ip: id }),
    ),

  async compensate(_reads, io: Io) {
    const [made] = await heldBy(io, reservedIp);
    const waiting =
      made?.deletes === 0 ? await untilLeftLeadNowhere(io, async (ip) => ip === made.provider_id) : undefined;
    return waiting ?? remove(io, reservedIp, async () => undefined);
  },
});
