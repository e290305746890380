import { unassignedMonthlyUsd } from "#costs/reserved-ip.ts";
import type { ReleaseRow } from "#releases/queries.ts";
import type { HeldVolume } from "../steps/snapshot-volume.ts";
import type { Subject } from "./operation.ts";

export const reservedIpWords = (ip: string): string =>
  `Reserved IP ${ip} is assigned to it by one action, and DNS is not touched: nobody has to wait for a TTL. It costs ` +
  `nothing while it is assigned, and $${unassignedMonthlyUsd} a month while it is not`;

export const moveWords = (
  { dropletId }: Subject,
  { provider_id: id, keep_snapshot_days: days }: NonNullable<HeldVolume>,
) => [
  `Droplet ${dropletId} is turned off; a snapshot of volume ${id} is taken and kept for ${days} days; the volume is taken ` +
    "off it and attached to the new one, which has to answer with it",
];

/** How it ends, and until when it can be taken back. */
export function wayBackWords({ dropletId, deployment: { hostname }, volume }: Subject, release: ReleaseRow): string[] {
  const ends = `Then droplet ${dropletId} is destroyed`;
  const back = `a failure, or a cancel, leads ${hostname} back and destroys the new one`;
  if (!volume) return [`${ends}. Until that moment ${back}`];
  return release.rollback_safe
    ? [`${ends}. Until that moment ${back}; the volume goes back first, with what the new one has written`]
    : [`${ends}. Until the volume is moved ${back}`];
}

export const oneWayWords = ({ dropletId, volume }: Subject, { name }: ReleaseRow): string =>
  `Once volume ${volume?.provider_id} is taken off droplet ${dropletId} it only goes forward, and cannot be cancelled: release ` +
  `${name} does not say rollback_safe, so that the app before is not given back what it has written. What fails then is tried ` +
  "until it is done, or until a person has to see to it";

export const leftWords = (left: readonly string[]): string =>
  `${left.join("; ")}. None of this was made by us, and a new one would be without it: take it off at DigitalOcean, then look ` +
  "again by `arcadia inventory sync`";

export const diskFault = ({ dropletId }: Subject, { name }: ReleaseRow) => ({
  path: "discard_disk",
  message: `must be true: what is on the disk of droplet ${dropletId} is lost, and release ${name} is not stateless`,
});

/** Of a droplet that is gone: they are attached to nothing by now, and nobody can take them off it any more. */
export const lostVolumes = ({ seen, volume }: Subject): string[] =>
  (seen?.volume_ids ?? []).filter((id) => id !== volume?.provider_id);

/** A deployment has the volume that it was made with, or none. */
export const volumeFault = ({ id, volume }: Subject["deployment"], release: ReleaseRow): string | undefined =>
  release.volume === null || volume !== null
    ? undefined
    : `release ${release.name} is for deployments with a volume, and ${id} was made without: deploy anew instead`;
