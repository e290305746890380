import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { reservedIp, reservedIpAssignment } from "#resources/kinds/reserved-ip.ts";
import type { Held } from "#resources/ledger.ts";
import type { ReservedIpHandle } from "#resources/kinds/reserved-ip-handle.ts";
import { heldForOwner } from "#resources/rows.ts";
import { step, type World } from "../step-context.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: { readonly deployment_id: string; readonly name: string };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
}
type Io = World & Attempt<never>;

/** From then on whoever asks the deployment's reserved IP is answered by the droplet of this saga. */
export const assignReservedIp = step({
  name: "assign_reserved_ip",
  writes: z.object({}),
  budget: (io: World) => ({ tries: 8, ms: 15 * 60_000 + 4 * io.timing.settle }),

  async execute({ input, droplet_id: id, droplet_public_ip: address }: Reads, io: Io) {
    const row = await reservedIpOf(input, io);
    if (!row)
      throw new PermanentError(
        "reserved_ip_missing",
        `The ledger has no reserved IP of deployment ${input.deployment_id}`,
      );
    await verifiedDroplet({ id, name: input.name, address }, io);
    return bring(io, { row, aspect: reservedIpAssignment }, { goal: id }, async () => ({}));
  },

  async compensate({ input }, io: Io) {
    const row = await reservedIpOf(input, io);
    return (row && (await putBack(io, { row, aspect: reservedIpAssignment }))) ?? inTransaction(async () => {});
  },
});

/** The deployment's, as the ledger holds it as there. */
async function reservedIpOf(
  { deployment_id }: { readonly deployment_id: string },
  io: Io,
): Promise<Held<ReservedIpHandle> | undefined> {
  const rows = await heldForOwner(io.db, { deployment_id });
  const row = rows.find(({ kind, phase, surplus }) => kind === reservedIp.name && phase === "there" && !surplus);
  return row && { ...row, handle: reservedIp.handle.parse(row.handle) };
}
