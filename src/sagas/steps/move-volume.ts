import { z } from "zod";
import { type Attempt, Snooze } from "#engine/step.ts";
import { bring, bringFirst, putBack } from "#resources/bring.ts";
import { changeOf, moveChange } from "#resources/changes.ts";
import { dropletPower } from "#resources/kinds/droplet-aspects.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import { volumeAttachment } from "#resources/kinds/volume-aspects.ts";
import type { VolumeHandle } from "#resources/kinds/volume-handle.ts";
import type { Held } from "#resources/ledger.ts";
import { volume } from "#resources/kinds/volume.ts";
import { heldById, theHeld } from "../held.ts";
import { goForward, isGone, refusedSinceGone } from "../no-way-back.ts";
import { step, type StepContext } from "../step-context.ts";
import type { HeldVolume } from "./snapshot-volume.ts";

interface Reads {
  readonly input: {
    /** The old one. */
    readonly droplet_id: number;
    readonly region: string;
    readonly volume: HeldVolume;
  };
  /** The new one. */
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
}
type Io = StepContext & Attempt<never>;

export const moveVolumeName = "move_volume";

/** Off the old droplet and on to the new one; undone, off the new one, which is off by then, and on to the old one again. */
export const moveVolume = step({
  name: moveVolumeName,
  writes: z.object({}),

  async execute({ input, droplet_id: fresh }: Reads, io: Io) {
    if (!input.volume) throw new Error("A volume that is to be moved, and is not named");
    const row = await theHeld(io.db, volume, input.volume.provider_id);
    const off = { row, aspect: volumeAttachment(input.droplet_id) };
    const waiting = await bringFirst(io, off, { goal: false, known: true });
    return (
      waiting ?? bring(io, { row, aspect: volumeAttachment(fresh) }, { goal: true, known: false }, async () => ({}))
    );
  },

  async compensate({ input, ...made }, io: Io) {
    const row = input.volume && (await heldById(io.db, volume, input.volume.provider_id));
    if (!row) return undefined;
    const fresh = made.droplet_id;
    const isOver = (await isServing(row, fresh, io)) && (await isOldGone(input, fresh, io));
    if (isOver instanceof Snooze) return isOver;
    const forward = isOver && (await goForward(input, made, io));
    if (forward) return forward;
    return (
      (await stopNew(io, row, fresh)) ??
      (await putBack(io, { row, aspect: volumeAttachment(fresh) })) ??
      attachToOld(input, row, fresh, io)
    );
  },
});

const isOldGone = async (input: Reads["input"], fresh: number, io: Io): Promise<boolean | Snooze> =>
  isGone(input, (await getDroplet(io, input.droplet_id)) !== undefined, fresh, io);

/** Whether the new one has the volume, and this undo has not begun to turn it off. */
async function isServing(row: Held<VolumeHandle>, dropletId: number, io: Io): Promise<boolean> {
  if ((await changeIn(io, row, dropletId))?.phase !== "reached") return false;
  const fresh = await heldById(io.db, droplet, dropletId);
  return fresh !== undefined && !(await powerChange(io, fresh));
}

async function attachToOld(
  input: Reads["input"],
  row: Held<VolumeHandle>,
  fresh: number,
  io: Io,
): Promise<Snooze | undefined> {
  const id = input.droplet_id;
  try {
    return await putBack(io, { row, aspect: volumeAttachment(id) });
  } catch (error) {
    const waiting = await refusedSinceGone(error, input, fresh, io);
    if (waiting) return waiting;
    const change = await changeIn(io, row, id);
    if (!change) throw error;
    await io.note(`Droplet ${id} is gone: volume ${row.provider_id} is attached to none`);
    await io.commit(async (tx) => void (await moveChange(tx, change, "left")));
    return undefined;
  }
}

const changeIn = (io: Io, row: Held<VolumeHandle>, dropletId: number) =>
  changeOf(io.db, row, volumeAttachment(dropletId).name, { saga_id: io.saga.id, step: io.step });

const powerChange = (io: Io, row: Held<object>) =>
  changeOf(io.db, row, dropletPower.name, { saga_id: io.saga.id, step: io.step });

/** What is on the volume is written down before it is taken off: the new droplet, which is destroyed next, is off first. */
async function stopNew(io: Io, row: Held<VolumeHandle>, dropletId: number): Promise<Snooze | undefined> {
  const change = await changeIn(io, row, dropletId);
  if (!change || change.phase === "returned" || change.phase === "left") return undefined;
  const fresh = await heldById(io.db, droplet, dropletId);
  if (!fresh) return undefined;
  // One that somebody else has destroyed is off for good; that this is believed takes more than one answer.
  if (!(await getDroplet(io, dropletId))) {
    const isAttached = await volumeAttachment(dropletId).read(io, row.provider_id ?? "", row.handle);
    if (isAttached !== true) return leaveOff(io, fresh);
    throw new Error(`Droplet ${dropletId} is answered with a 404, and its volume is attached to it`);
  }
  return bringFirst(io, { row: fresh, aspect: dropletPower }, { goal: "off" as const });
}

/** Of what is gone, it never came to be off. */
async function leaveOff(io: Io, fresh: Held<object>): Promise<undefined> {
  const change = await powerChange(io, fresh);
  if (change?.phase === "sending") await io.commit(async (tx) => void (await moveChange(tx, change, "left")));
}
