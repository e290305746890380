import { z } from "zod";
import { cancel, confirmProvisioning, dropSecretsOfEnded, dropUserData } from "#deployments/lifecycle.ts";
import { claimFault } from "#tenants/hostnames.ts";
import { PermanentError } from "#engine/failure.ts";
import { restoredAt } from "#engine/restored.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { addressRecord } from "#fleet/zones.ts";
import { holdTenant } from "#tenants/queries.ts";
import { conflictWith, recordsAt } from "../dns/conflict.ts";
import { clearAboutZone } from "../dns/zone-gone.ts";
import type { Claimant } from "#tenants/hostnames.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly tenant_id: string;
    readonly hostname: string;
    readonly zone: string;
    readonly replace_dns: boolean;
    readonly claimed_by: Claimant;
  };
}

/**
 * Owns the deployment's failure state; and refuses, before anything is made, a hostname that is taken in the zone, or that
 * the tenant may not have any more.
 */
export const markDeploymentProvisioning = step({
  name: "mark_deployment_provisioning",
  /** The records that it takes over, if any; the step that does so looks again. */
  writes: z.object({ dns_before: z.array(addressRecord).default([]) }),
  undoAfter: "all",
  notByHand: "undo",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const before = await clearAboutZone(io, input.zone, () => recordsAt(io, input));
    const conflict = conflictWith(before, input);
    // After a restore the record may be its own: point_deployment_dns, which knows the address, tells.
    if (conflict && !(await restoredAt(io.db, io.saga.id))) throw new PermanentError("dns_conflict", conflict);
    return inTransaction(async (tx) => {
      // Held before the deployment, as whoever changes or deletes a tenant does: it may have lost the name meanwhile.
      const tenant = await holdTenant(tx, input.tenant_id);
      const fault = tenant
        ? await claimFault(tx, { ...input, tenant, by: input.claimed_by })
        : `There is no tenant ${input.tenant_id} any more`;
      if (fault) throw new PermanentError("hostname_not_allowed", fault);
      if (!(await confirmProvisioning(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_provisioning", `Deployment ${input.deployment_id} is not provisioning any more`);
      return { dns_before: before };
    });
  },

  async compensate({ input }, io) {
    return inTransaction(async (tx) => {
      await cancel(tx, input.deployment_id, io.saga.id, io.saga.reason ?? "rolled back", io.clock.now());
      await dropSecretsOfEnded(tx, input.deployment_id);
      // What was assembled for its droplet, when it turned back before there was one.
      await dropUserData(tx, io.saga.id);
    });
  },
});
