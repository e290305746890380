import { volumeMonthlyUsd } from "./volume.ts";

/**
 * By how much DigitalOcean's backups, weekly as we ask for them, make a droplet dearer.
 * https://docs.digitalocean.com/products/backups/details/pricing/
 */
export const backupsShare = 0.2;

/**
 * What a droplet costs a month with its backups and the volume beside it, in US dollars to a cent.
 * @param droplet by the catalogue; undefined: that does not tell, and null is the answer
 */
export function monthlyUsdOf(
  droplet: number | undefined,
  { volume = null, backups = false }: { readonly volume?: unknown; readonly backups?: boolean | undefined },
): number | null {
  if (droplet === undefined) return null;
  const usd = droplet * (backups ? 1 + backupsShare : 1) + volumeMonthlyUsd(volume);
  return Math.round(usd * 100) / 100;
}
