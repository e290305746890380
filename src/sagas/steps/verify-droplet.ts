import { z } from "zod";
import { confirmProvisioning, giveUpAdoption } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, Snooze } from "#engine/step.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { foreignMark } from "#resources/kinds/droplet-handle.ts";
import { adoptedRecord } from "../dns/adopting.ts";
import { secondLook } from "../second-look.ts";
import { step, type StepContext } from "../step-context.ts";
import { adoptedDroplet, type AdoptionInput } from "./adopted-droplet.ts";

interface Reads {
  /** `zone`: in which its record becomes ours; null: it stays whose it is. */
  readonly input: AdoptionInput & { readonly zone: string | null };
}

/** @throws {PermanentError} `not_adoptable` */
function refuseUnfit(droplet: SeenDroplet, { installId }: Pick<StepContext, "installId">): undefined {
  const refuse = (why: string): never => {
    throw new PermanentError("not_adoptable", `Droplet ${droplet.id} ${why}; nothing was done`);
  };
  const mark = foreignMark(droplet, installId);
  if (mark !== undefined) refuse(`carries the tag ${mark}: a saga or another installation answers for it`);
  if (droplet.status !== "active") refuse(`is ${droplet.status}, not active`);
}

/** Refuses what cannot be adopted before anything is done; and owns what becomes of the deployment otherwise. */
export const verifyDroplet = step({
  name: "verify_droplet",
  writes: z.object({ size_slug: z.string(), region: z.string(), image: z.string() }),
  undoAfter: "all",
  notByHand: "undo",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const { zone } = input;
    const { droplet } = await adoptedDroplet(input, io);
    const waiting = await secondLook(io, async () => refuseUnfit(droplet, io));
    if (waiting) return waiting;
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
