import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, Snooze } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { changeOf, moveChange } from "#resources/changes.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { idOf } from "#resources/judge.ts";
import type { ReservedIpHandle } from "#resources/kinds/reserved-ip-handle.ts";
import { reservedIp, reservedIpAssignment } from "#resources/kinds/reserved-ip.ts";
import type { Held } from "#resources/ledger.ts";
import type { ReservedIp } from "#providers/digitalocean/reserved-ips.ts";
import { heldThere } from "../held.ts";
import { goForward, isGone } from "../no-way-back.ts";
import { secondLook } from "../second-look.ts";
import { step, type StepContext } from "../step-context.ts";
import { bringOldPowerOffName } from "./bring-old-power-off.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly name: string;
    readonly region: string;
    /** To which it leads before, where there is one. */
    readonly droplet_id?: number;
  };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
}
type Io = StepContext & Attempt<never>;

/**
 * From then on whoever asks the deployment's reserved IP is answered by the droplet of this saga. Undone, by the one that
 * it led to before, where there was one and it is still there.
 */
export const assignReservedIp = step({
  name: "assign_reserved_ip",
  /** When it was seen to lead there; a saga that an earlier release began does not tell. */
  writes: z.object({ reserved_ip_led_at: z.iso.datetime().optional() }),
  /** With its volume the old droplet serves again, before anybody is led to it. */
  undoAfter: [bringOldPowerOffName],
  budget: (io: StepContext) => ({ tries: 8, ms: 15 * 60_000 + 4 * io.timing.settle }),

  async execute({ input, droplet_id: id, droplet_public_ip: address }: Reads, io: Io) {
    const row = await heldThere(io.db, reservedIp, input);
    if (!row)
      throw new PermanentError(
        "reserved_ip_missing",
        `The ledger has no reserved IP of deployment ${input.deployment_id}`,
      );
    await verifiedDroplet({ id, name: input.name, address }, io);
    const wanted = { goal: id, known: input.droplet_id ?? null };
    const it = { row, aspect: reservedIpAssignment };
    const output = async () => ({ reserved_ip_led_at: io.clock.now().toISOString() });
    const by = { saga_id: io.saga.id, step: io.step };
    if (await changeOf(io.db, row, reservedIpAssignment.name, by)) return bring(io, it, wanted, output);
    const seen = await secondLook(io, () => ours(row, io));
    return seen instanceof Snooze ? seen : bring(io, it, { ...wanted, was: seen.droplet_id }, output);
  },

  async compensate({ input, ...made }, io: Io) {
    const row = await heldThere(io.db, reservedIp, input);
    if (!row) return undefined;
    const by = { saga_id: io.saga.id, step: io.step };
    const change = await changeOf(io.db, row, reservedIpAssignment.name, by);
    const was = change && reservedIpAssignment.value.parse(change.was);
    if (change && was && ["sending", "reached", "returning"].includes(change.phase)) {
      const old = { droplet_id: was, region: input.region };
      const isOver = await isGone(old, (await getDroplet(io, was)) !== undefined, made.droplet_id, io);
      if (isOver instanceof Snooze) return isOver;
      if (isOver) {
        const forward = change.phase === "returning" ? undefined : await goForward(old, made, io);
        if (forward) return forward;
        await io.note(
          `Droplet ${was}, to which the reserved IP led, is gone: it leads nowhere once the new one is gone`,
        );
        return inTransaction(async (tx) => void (await moveChange(tx, change, "left")));
      }
    }
    return (await putBack(io, { row, aspect: reservedIpAssignment })) ?? inTransaction(async () => {});
  },
});

/** Nobody's traffic is taken away: it is assigned from nowhere, or from a droplet of its deployment. @throws {PermanentError} `not_ours` */
async function ours(row: Held<ReservedIpHandle>, io: Io): Promise<ReservedIp> {
  const ip = idOf(row);
  const seen = await reservedIp.get(io, ip, row.handle);
  if (!seen) throw new Error(`Reserved IP ${ip}, which is ours, is answered with a 404`);
  if (reservedIp.isOurs(seen, row)) return seen;
  const why = seen.droplet_id
    ? `leads to droplet ${seen.droplet_id}, which is none of its deployment's`
    : "was reserved when we had not asked for it";
  throw new PermanentError(
    "not_ours",
    `Reserved IP ${ip} ${why}: it is somebody else's, as it seems, and was neither assigned nor released. Look at ` +
      "DigitalOcean for one in its region that leads nowhere and that nobody knows: it may be the one that we reserved, " +
      "and is billed. If this one is ours, unassign it there; then ask again",
  );
}
