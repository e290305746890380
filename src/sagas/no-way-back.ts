import { after } from "#clock.ts";
import { NoWayBack, snooze, Snooze } from "#engine/step.ts";
import { witnessFor } from "#fleet/observed.ts";
import { isGoneForGood } from "#fleet/prove-gone.ts";
import { markDeleted } from "#inventory/registration.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { doubted } from "#resources/absence.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import { move, note } from "#resources/ledger.ts";
import { heldById } from "./held.ts";
import type { Working } from "./step-context.ts";

interface Old {
  /** To which its saga would go back. */
  readonly droplet_id: number;
  readonly region: string;
}

/**
 * What has to be undone before anything is that the new droplet serves by: that is where it is found out whether there is a way
 * back at all.
 */
export const untilLedBack = ["point_deployment_dns", "assign_reserved_ip", "move_volume"] as const;

/** What the saga has made instead. */
export interface Made {
  readonly droplet_id: number | undefined;
  readonly droplet_public_ip: string | undefined;
}

/**
 * Whether the droplet is gone, by a look of this moment: called again until that is certain. It is gone once no look of this
 * step has shown it for as long as any absence has to last, and the provider says so by id, with a witness (rule 36).
 * @param other the saga's other droplet
 */
export async function isGone(
  { droplet_id: id, region }: Old,
  isShown: boolean,
  other: number | undefined,
  io: Working,
): Promise<boolean | Snooze> {
  const now = io.clock.now();
  // The first look of a step has missed nothing before.
  if (isShown && after(io.startedAt, io.timing.poll) > now) return false;
  const row = await heldById(io.db, droplet, id);
  if (isShown) {
    if (row?.foreign_since) await io.commit(async (tx) => void (await note(tx, row, { foreign_since: null })));
    return false;
  }
  const believedAt = after(row ? (await doubted(io, row)).foreign_since : io.startedAt, io.timing.gone);
  if (now >= believedAt) {
    // The saga's other droplet is the nearest witness, and may be gone as well.
    const others = await witnessFor(io.db, { provider_id: id, region }, other);
    const witnesses = other === undefined ? [others] : [other, others];
    for (const witness of witnesses) if (await isGoneForGood(io, id, witness, io.call(io.signal))) return true;
  }
  // What is not certain by then takes several requests each time.
  const next = after(now, now >= believedAt ? 12 * io.timing.poll : io.timing.poll);
  return snooze(next, `certainty whether droplet ${id} is there, to which to go back`);
}

/**
 * What was refused since the droplet is gone, which is found out as above.
 * @returns undefined once it is certain
 * @throws the error itself, where it is not for that
 */
export async function refusedSinceGone(
  error: unknown,
  old: Old,
  other: number | undefined,
  io: Working,
): Promise<Snooze | undefined> {
  if (!(error instanceof DigitalOceanError) || error.effect !== "none") throw error;
  const isOver = await isGone(old, (await getDroplet(io, old.droplet_id)) !== undefined, other, io);
  if (isOver === false) throw error;
  return isOver === true ? undefined : isOver;
}

/**
 * Of a saga whose old droplet is proven gone: it goes forward where the new one is there and serves, since nothing else does
 * (rule 43). The old one is left, not destroyed: should it come back after all, a person decides (rule 37).
 * @returns undefined where the new one does not serve either
 */
export async function goForward(old: Old, made: Made, io: Working): Promise<NoWayBack | Snooze | undefined> {
  const { droplet_id: id, droplet_public_ip: address } = made;
  if (id === undefined || address === undefined) return undefined;
  const seen = await getDroplet(io, id);
  const isMadeGone = await isGone({ ...old, droplet_id: id }, seen !== undefined, old.droplet_id, io);
  if (isMadeGone instanceof Snooze) return isMadeGone;
  if (seen?.status !== "active" || (seen.public_ipv4 !== null && seen.public_ipv4 !== address)) return undefined;
  const row = await heldById(io.db, droplet, old.droplet_id);
  await io.commit(async (tx) => {
    const now = io.clock.now();
    await markDeleted(tx, old.droplet_id, now);
    if (row?.phase === "there") await move(tx, row, "left", now);
  });
  return new NoWayBack(
    `Droplet ${old.droplet_id} is gone, and nothing of ours destroyed it: there is nothing to go back to. Droplet ${id}, which ` +
      "serves, stays and takes its place",
  );
}
