import type { Account, Droplet } from "./account-state.ts";
import { windowMs } from "./backup-plan.ts";
import { type Call, iso } from "./call.ts";
import { findRegion, findSize } from "./catalogue.ts";
import { imageBody, ownImages } from "./images.ts";
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

/** The answer to a create: nothing has happened yet, however fast the boot is, and the tags are named at once. */
export const acceptedBody = (call: Call, droplet: Droplet, tags: string[]): object => ({
  ...dropletBody(call, droplet, tags),
  status: "new",
  locked: false,
  networks: { v4: [], v6: [] },
});

/** While it is `new` only its luck says so; later, an action that runs does too. */
const isLocked = (droplet: Droplet, now: number): boolean =>
  now < droplet.lockedUntil || (now >= droplet.activeAt && droplet.pendingAction !== null);

const featuresOf = (droplet: Droplet): string[] =>
  droplet.backups ? [...droplet.features, "backups"] : droplet.features;

const volumeIdsOf = (account: Account, droplet: Droplet): string[] =>
  [...account.volumes.values()].filter((volume) => volume.dropletId === droplet.id).map((volume) => volume.id);

const reservedFor = (account: Account, droplet: Droplet): string | undefined =>
  [...account.reservedIps.values()].find((reserved) => reserved.dropletId === droplet.id)?.ip;

/** When the next backup is taken, or nothing. */
export const backupWindow = ({ backups }: Pick<Droplet, "backups">): object | null =>
  backups && { start: iso(backups.nextAt), end: iso(backups.nextAt + windowMs) };

/** A droplet in the API's words, with the tags that are applied by now. */
export function dropletBody(call: Call, droplet: Droplet, tags = shownTags(droplet, call.now)): object {
  const size = findSize(droplet.size);
  const own = ownImages(call.account).filter((image) => image.dropletId === droplet.id);
  const idsOf = (type: string): number[] => own.filter((image) => image.type === type).map(({ id }) => id);
  return {
    id: droplet.id,
    name: droplet.name,
    memory: size?.memory,
    vcpus: size?.vcpus,
    disk: droplet.disk,
    disk_info: [{ type: "local", size: { amount: droplet.disk, unit: "gib" } }],
    locked: isLocked(droplet, call.now),
    status: statusOf(droplet, call.now),
    kernel: null,
    created_at: iso(droplet.createdAt),
    features: featuresOf(droplet),
    backup_ids: idsOf("backup"),
    next_backup_window: backupWindow(droplet),
    snapshot_ids: idsOf("snapshot"),
    image: imageBody(call.account, droplet.image),
    volume_ids: volumeIdsOf(call.account, droplet),
    size,
    size_slug: droplet.size,
    networks: networksOf(droplet, call.now, call.settings.calm, reservedFor(call.account, droplet)),
    region: findRegion(droplet.region),
    tags,
    vpc_uuid: droplet.vpc,
  };
}
