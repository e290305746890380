import type { Droplet } from "./account-state.ts";
import { type Call, iso } from "./call.ts";
import { findImage, findRegion, findSize } from "./catalogue.ts";
import { networksOf } from "./networks.ts";

/** The truth; the API shows a droplet only between its foundAt or listedAt and its deletion's end. */
export const statusOf = (droplet: Droplet, now: number): "new" | "active" | "off" => {
  if (now < droplet.activeAt) return "new";
  return droplet.power === "on" ? "active" : "off";
};

export const isListed = (droplet: Droplet, now: number): boolean =>
  now >= droplet.listedAt && (droplet.deletion === null || now < droplet.deletion.listedUntil);

export const isFound = (droplet: Droplet, now: number): boolean =>
  now >= droplet.foundAt && (droplet.deletion === null || now < droplet.deletion.foundUntil);

export const shownTags = (droplet: Droplet, now: number): string[] =>
  droplet.tags.filter((tag) => now >= tag.shownAt).map((tag) => tag.name);

/** A droplet in the API's words. The answer to a create names its tags at once; a look shows them when they are applied. */
export function dropletBody(call: Call, droplet: Droplet, tags = shownTags(droplet, call.now)): object {
  const size = findSize(droplet.size);
  const disk = size?.disk ?? 0;
  return {
    id: droplet.id,
    name: droplet.name,
    memory: size?.memory,
    vcpus: size?.vcpus,
    disk,
    disk_info: [{ type: "local", size: { amount: disk, unit: "gib" } }],
    locked: droplet.pendingAction !== null,
    status: statusOf(droplet, call.now),
    kernel: null,
    created_at: iso(droplet.createdAt),
    features: droplet.features,
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: findImage(droplet.image),
    volume_ids: [],
    size,
    size_slug: droplet.size,
    networks: networksOf(droplet, call.now, call.settings.calm),
    region: findRegion(droplet.region),
    tags,
    vpc_uuid: droplet.vpc,
  };
}
