import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { markDeleted } from "#inventory/registration.ts";
import { closeStray } from "#inventory/strays.ts";
import { heldBy } from "#resources/kind.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { remove } from "#resources/remove.ts";
import { addressesLedTo, knownToLead, ledByOthers, untilLedNowhere, wasTakenInHand } from "../dns/led-by-others.ts";
import { step, type StepContext } from "../step-context.ts";

export const doomedDroplet = z.object({
  /** Null: the deployment has no droplet any more. */
  provider_id: z.int().nullable(),
  /** The name under which the inventory knows it. */
  name: z.string().nullable(),
  /** An admin wants a droplet gone that we did not make. */
  unmanaged: z.boolean(),
});

interface Reads {
  readonly input: {
    readonly provider_id: number | null;
    /** In which others may lead names to it; and where it answers. */
    readonly zone?: string | null;
    readonly address?: string | null;
  };
}
type Io = StepContext & Attempt<never>;

/**
 * A wait for a record of somebody else's that leads to the droplet, before its DELETE is sent (rule 20). By what was last read of the
 * zone, which taking our own record away has just done; where that shows one, or somebody else took ours away, by a fresh look.
 */
async function untilNobodyLeadsThere({ provider_id: id, zone, address: seen }: Reads["input"], io: Io) {
  if (!zone || id === null) return undefined;
  const isTaken = await wasTakenInHand(io.db, io.saga.id);
  for (const address of await addressesLedTo(io.db, io.saga.id, seen)) {
    if (!isTaken && !(await knownToLead(io, zone, address))) continue;
    const rows = await heldBy(io, droplet);
    if (rows.some(({ deletes }) => deletes > 0)) return undefined;
    // One that is gone has given its address up: whoever leads there leads to its next holder.
    if (!(await hasAddress(id, address, io))) continue;
    const other = await ledByOthers(io, { zone, address });
    if (other) return untilLedNowhere(io, { zone, address }, other);
  }
  return undefined;
}

/** Whichever comes first: one more that it shows may be a reserved IP. */
async function hasAddress(id: number, address: string, io: Io): Promise<boolean> {
  const it = await unlessMissing(io.digitalOcean.droplets.get(id, io.call(io.signal)));
  return it !== undefined && [it.public_ipv4, ...it.other_public_ipv4].includes(address);
}

/** Of what the ledger has handed to this saga. */
export const destroyDroplet = step({
  name: "destroy_droplet",
  writes: z.object({}),

  async execute({ input }: Reads, io: Io) {
    const wait = await untilNobodyLeadsThere(input, io);
    if (wait) return wait;
    return remove(io, droplet, async (tx, removed) => {
      if (!removed) return {};
      const now = io.clock.now();
      const id = Number(removed.row.provider_id);
      await markDeleted(tx, id, now, io.saga.id);
      await closeStray(tx, id, now);
      return {};
    });
  },

  /** Goes forward only. */
  async compensate() {},
});
