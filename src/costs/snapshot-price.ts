/**
 * What DigitalOcean charges for a GiB and month of a snapshot, be it of a droplet or of a volume: what it holds counts, not the disk.
 * https://docs.digitalocean.com/products/images/snapshots/details/pricing/
 */
export const snapshotUsdPerGib = 0.06;

/** US dollars a month that a snapshot of a disk of so many GiB costs at most, to a cent: when it is full. */
export const snapshotUsdAtMost = (sizeGib: number): number => Math.round(sizeGib * snapshotUsdPerGib * 100) / 100;

/** By the hour, of which a month has no more than 672. */
export const snapshotUsdPerGibAndHour = snapshotUsdPerGib / 672;
