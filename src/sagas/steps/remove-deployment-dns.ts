import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { dnsRecord } from "#resources/kinds/dns-record.ts";
import { remove } from "#resources/remove.ts";
import { step, type StepContext } from "../step-context.ts";

/** Before the droplet goes: its address is given to a stranger soon after. Of what the ledger has handed to this saga. */
export const removeDeploymentDns = step({
  name: "remove_deployment_dns",
  writes: z.object({}),

  execute: async (_reads: object, io: StepContext & Attempt<never>) =>
    remove(io, dnsRecord, async (tx, removed) => {
      if (removed) await io.zones.removed(tx, removed.row.handle.zone, Number(removed.row.provider_id));
      return {};
    }),

  /** Goes forward only. */
  async compensate() {},
});
