import { after } from "#clock.ts";
import { type Sighting, sightingOf } from "#inventory/sightings.ts";
import { type Handle, handleOf, matches } from "#resources/kinds/droplet-handle.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import type { Working } from "../step-context.ts";

/** A droplet as far as is known. */
export type Expected = {
  readonly id: number;
  /** Absent where it is not known yet. */
  readonly address?: string;
} & (
  | {
      /** Of one that this saga made: as it was asked for, without what makes it the saga's. */
      readonly name: string;
    }
  | { readonly handle: Handle }
);

/**
 * The droplet as it is now: its id, its name or tag, its address. A look that all share, not older than the
 * settle window, is there on the way from one step to the next and costs nothing; after an absence, or a restore, the
 * droplet itself is asked.
 * @throws what is tried again: one answer that misses it, or shows another, proves nothing (rules 15 and 17)
 */
export async function verifiedDroplet(expected: Expected, io: Working): Promise<Sighting> {
  const now = io.clock.now();
  const known = await sightingOf(io.db, expected.id);
  const isFresh = known !== undefined && after(known.observedAt, io.timing.settle) > now;
  if (known && isFresh && faultOf(known, expected, io) === undefined) return known;
  const droplet = await getDroplet(io, expected.id);
  if (!droplet) throw new Error(`Droplet ${expected.id}, which was active, is answered with a 404`);
  const asked = { droplet, observedAt: now };
  const fault = faultOf(asked, expected, io);
  if (fault !== undefined) throw new Error(`Droplet ${expected.id} ${fault}; nothing was done with it`);
  return asked;
}

function faultOf({ droplet }: Sighting, expected: Expected, io: Working): string | undefined {
  const { address } = expected;
  const handle = "handle" in expected ? expected.handle : handleOf(io.saga.id, expected.name);
  if (!matches(droplet, handle)) return `is called ${droplet.name} and has no tag of ours`;
  if (droplet.public_ipv4 === null) return "shows no public address";
  const isMoved = address !== undefined && droplet.public_ipv4 !== address;
  return isMoved ? `is at ${droplet.public_ipv4}, and was at ${address}` : undefined;
}
