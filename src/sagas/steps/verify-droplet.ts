import { z } from "zod";
import { after } from "#clock.ts";
import { confirmProvisioning, giveUpAdoption } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, snooze, Snooze } from "#engine/step.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { foreignMark } from "#resources/kinds/droplet-handle.ts";
import { adoptedRecord } from "../dns/adopting.ts";
import { step, type StepContext } from "../step-context.ts";
import { adoptedDroplet, type AdoptionInput } from "./adopted-droplet.ts";

interface Reads {
  /** `zone`: in which its record becomes ours; null: it stays whose it is. */
  readonly input: AdoptionInput & { readonly zone: string | null };
}

function faultOf(droplet: SeenDroplet, { installId }: Pick<StepContext, "installId">): string | undefined {
  const mark = foreignMark(droplet, installId);
  if (mark !== undefined) return `carries the tag ${mark}: a saga or another installation answers for it`;
  return droplet.status === "active" ? undefined : `is ${droplet.status}, not active`;
}

/** Refuses what cannot be adopted before anything is done; and owns what becomes of the deployment otherwise. */
export const verifyDroplet = step({
  name: "verify_droplet",
  writes: z.object({ size_slug: z.string(), region: z.string(), image: z.string() }),
  undoAfter: "all",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const { zone } = input;
    const { droplet } = await adoptedDroplet(input, io);
    const fault = faultOf(droplet, io);
    if (fault !== undefined) {
      const refusal = `Droplet ${input.droplet_id} ${fault}; nothing was done`;
      // One look may show how it was (rule 17): once more when that has settled.
      const believedAt = after(io.startedAt, io.timing.settle);
      if (io.clock.now() >= believedAt) throw new PermanentError("not_adoptable", refusal);
      return snooze(believedAt, `a second look: ${refusal}`);
    }
    const { size_slug, region, image } = droplet;
    if (size_slug === null || region === null || image === null)
      throw new Error(`Droplet ${droplet.id} tells too little`);
    if (zone !== null) {
      const record = await adoptedRecord({ ...input, zone }, io);
      if (record instanceof Snooze) return record;
    }
    return inTransaction(async (tx) => {
      if (!(await confirmProvisioning(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_provisioning", `Deployment ${input.deployment_id} is not being adopted any more`);
      return { size_slug, region, image };
    });
  },

  async compensate({ input }, io: StepContext & Attempt<never>) {
    return inTransaction((tx) =>
      giveUpAdoption(tx, input.deployment_id, io.saga.id, io.saga.reason ?? "rolled back", io.clock.now()),
    );
  },
});
