/**
 * What DigitalOcean charges for a GiB and month of a snapshot, be it of a droplet or of a volume: what it holds counts, not the disk.
 * https://docs.digitalocean.com/products/images/snapshots/details/pricing/
 */
export const snapshotUsdPerGib = 0.06;

/** By the hour, of which a month has no more than 672. */
export const snapshotUsdPerGibAndHour = snapshotUsdPerGib / 672;
