import type { Account } from "./account-state.ts";
import { type Call, idOf, iso, param, type Reply } from "./call.ts";
import { findPublicImage } from "./catalogue.ts";
import { images as offered } from "./catalogue-images.ts";
import { notFound } from "./errors.ts";
import { page } from "./pagination.ts";
import { settleAll } from "./settle.ts";
import type { StoredImage } from "./stored-image.ts";

/** What a create or an action needs to know of an image. */
export interface UsableImage {
  id: number;
  minDiskSize: number;
  regions: readonly string[];
}

/** By slug, or by id as a number or its digits: DigitalOcean's, or one of the account's own that is still there. */
export function findImage(account: Account, image: unknown): UsableImage | undefined {
  const known = findPublicImage(image);
  if (known) return { id: known.id, minDiskSize: known.min_disk_size, regions: known.regions };
  const own = account.images.get(typeof image === "number" ? image : idOf(String(image)));
  return own && !own.deleted ? own : undefined;
}

/** An image as a droplet shows it, which goes on naming one that was deleted since. */
export function imageBody(account: Account, id: number): object | undefined {
  const own = account.images.get(id);
  return own ? ownBody(own) : findPublicImage(id);
}

const ownBody = (image: StoredImage): object => ({
  id: image.id,
  name: image.name,
  type: image.type,
  distribution: image.distribution,
  slug: null,
  public: false,
  regions: image.regions,
  created_at: iso(image.createdAt),
  min_disk_size: image.minDiskSize,
  size_gigabytes: image.sizeGigabytes,
  description: image.description,
  tags: image.tags,
  status: image.deleted ? "deleted" : "available",
  error_message: "",
});

export const ownImages = (account: Account): StoredImage[] =>
  [...account.images.values()].filter((image) => !image.deleted);

/** GET /v2/images: DigitalOcean's and the account's own, or some of them. There are no applications. */
export function listImages(call: Call): Reply {
  const { account, now, query } = call;
  settleAll(account, now);
  const [type, tag] = [query.get("type"), query.get("tag_name")];
  const own = ownImages(account).filter((image) => tag === null || image.tags.includes(tag));
  const all = [...(query.get("private") === "true" || tag !== null ? [] : offered), ...own.map(ownBody)];
  if (type === "application") return page(call, "images", [], (image) => image);
  return page(call, "images", type === "distribution" ? offered : all, (image) => image);
}

/** GET /v2/images/{id or slug} */
export function getImage(call: Call): Reply {
  settleAll(call.account, call.now);
  const found = findImage(call.account, param(call, 0));
  if (!found) throw notFound();
  return { status: 200, body: { image: imageBody(call.account, found.id) } };
}
