import type { Droplet, SavedDroplet, DomainRecord } from "./account-state.ts";
import { backupPlan } from "./backup-plan.ts";
import { findSize } from "./catalogue.ts";
import { readBack } from "./record-data.ts";

/** A droplet saved by an older release has its size's disk, and of its backups only the feature. */
export function droplet(saved: SavedDroplet, seed: number): Droplet {
  const { disk = findSize(saved.size)?.disk ?? 0, id: dropletId, createdAt } = saved;
  const features = saved.features.filter((feature) => feature !== "backups");
  const unplanned = features.length < saved.features.length && saved.backups === null;
  const backups = unplanned ? backupPlan(undefined, { seed, dropletId }, createdAt) : saved.backups;
  return { ...saved, disk, features, backups };
}

/** A record saved by an older release may have the dot at the end of its data that the API takes away. */
export const record = (zone: { name: string }, saved: DomainRecord): DomainRecord => ({
  ...saved,
  data: readBack(zone, saved),
});
