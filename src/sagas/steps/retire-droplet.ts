import { z } from "zod";
import { endAbsence } from "#deployments/absences.ts";
import { clearCondition } from "#deployments/conditions.ts";
import type { Tx } from "#db/connection.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { link, markDeleted, unlinkDroplet } from "#inventory/registration.ts";
import { closeStray } from "#inventory/strays.ts";
import { forgetHealth } from "#probes/queries.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { handOver, move, type Row } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { liveRow } from "#resources/rows.ts";
import { addressesLedTo, leadsThere } from "../dns/led-by-others.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly tenant_id: string;
    readonly hostname: string;
    readonly zone: string;
    /** The old one. */
    readonly droplet_id: number;
    readonly address: string | null;
    /** Whether somebody else has destroyed it. */
    readonly is_gone: boolean;
  };
  readonly cloud_resource_id: string;
}
type Io = StepContext & Attempt<never>;

/**
 * From here on the new droplet is the deployment's, and there is no way back: the old one is destroyed. One that was gone
 * before is not: should it come back after all, with what is on its disk, a person decides (rule 37).
 */
export const retireDroplet = step({
  name: "retire_droplet",
  writes: z.object({}),
  notByHand: "step",

  async execute({ input, cloud_resource_id: resource }: Reads, io: Io) {
    const old = await liveRow(io.db, droplet.name, String(input.droplet_id));
    // One that was found to be gone on the way back is left as well.
    if (input.is_gone || !old)
      return inTransaction(async (tx) => {
        await takePlace(tx, input, resource, io);
        await markDeleted(tx, input.droplet_id, io.clock.now());
        if (old) await move(tx, old, "left", io.clock.now());
        return {};
      });
    if (old.saga_id !== io.saga.id) {
      await refuseWhileLed(input, io);
      await io.commit((tx) => retire(tx, input, { resource, old }, io));
    }
    return remove(io, droplet, async (tx, removed) => {
      const now = io.clock.now();
      // What the ledger did not have any more is gone all the same.
      await markDeleted(tx, input.droplet_id, now, io.saga.id);
      if (removed) await closeStray(tx, input.droplet_id, now);
      return {};
    });
  },

  /** Goes forward only. */
  async compensate() {},
});

async function retire(
  tx: Tx,
  input: Reads["input"],
  { resource, old }: { readonly resource: string; readonly old: Row },
  io: Io,
): Promise<void> {
  await takePlace(tx, input, resource, io);
  await handOver(tx, old, { saga_id: io.saga.id, step: io.step });
}

/** The new droplet is the deployment's, and the old one is not. Done twice it is done once. */
async function takePlace(tx: Tx, input: Reads["input"], resource: string, io: Io): Promise<void> {
  const { deployment_id, tenant_id, droplet_id } = input;
  await unlinkDroplet(tx, droplet_id, deployment_id);
  if (!(await link(tx, resource, { deployment_id, tenant_id }, io.saga.id)))
    throw new PermanentError("resource_missing", `The inventory has no resource ${resource} to link`);
  await forgetHealth(tx, { deployment_id, provider_id: droplet_id });
  await endAbsence(tx, deployment_id);
  await clearCondition(tx, "droplet", { deployment_id, code: "droplet_gone" }, io.clock.now());
}

/** Its address goes to a stranger soon after: nobody's record may lead there then. */
async function refuseWhileLed({ zone, address: seen, droplet_id }: Reads["input"], io: Io): Promise<void> {
  for (const address of await addressesLedTo(io.db, io.saga.id, seen)) {
    for (const { id, name } of await io.zones.leadingTo(zone, address))
      // Whoever read it may have done so before its owner led it elsewhere.
      if (await leadsThere(io, { zone, address }, id))
        throw new Error(
          `DNS record ${id} (${name}) of zone ${zone} leads to ${address}, the address of droplet ${droplet_id} that is to ` +
            "be destroyed: it is kept until that record leads elsewhere. Change the record, or delete it",
        );
  }
}
