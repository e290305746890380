import type { Account, Droplet } from "./account-state.ts";
import { findPublicImage } from "./catalogue.ts";
import { chance } from "./chance.ts";
import type { StoredImage } from "./stored-image.ts";

/** What a droplet's disk is at this moment, as an image of its own. */
export function imageOfDroplet(
  account: Account,
  droplet: Droplet,
  made: Pick<StoredImage, "id" | "name" | "type" | "createdAt">,
): StoredImage {
  const own = account.images.get(droplet.image);
  const offered = findPublicImage(droplet.image);
  const from = own?.sizeGigabytes ?? offered?.size_gigabytes ?? 1;
  return {
    ...made,
    dropletId: droplet.id,
    distribution: own?.distribution ?? offered?.distribution ?? "Unknown",
    description: "",
    regions: [droplet.region],
    minDiskSize: droplet.disk,
    sizeGigabytes: Math.round(100 * (from + chance(account.seed, `image ${made.id}`))) / 100,
    tags: [],
    deleted: false,
  };
}
