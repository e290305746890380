import { z } from "zod";
import type { Account, Droplet, Tag } from "./account-state.ts";
import { bodyOf, type Call, param, type Reply } from "./call.ts";
import { ApiError, notFound } from "./errors.ts";
import { page } from "./pagination.ts";
import { isTagName } from "./tag-names.ts";

/** By its canonical capitalisation only: `prod` is not found when the tag was made as `PROD`. */
export function findTag(account: Account, name: string): Tag | undefined {
  const tag = account.tags.get(name.toLowerCase());
  return tag?.name === name ? tag : undefined;
}

/** The tag in its canonical capitalisation, made when it is not there yet. */
export function ensureTag(account: Account, name: string): Tag {
  const key = name.toLowerCase();
  const tag = account.tags.get(key) ?? { name, droplets: new Set() };
  account.tags.set(key, tag);
  return tag;
}

export function attachTag(account: Account, droplet: Droplet, name: string, shownAt: number): void {
  ensureTag(account, name).droplets.add(droplet.id);
  if (!droplet.tags.some((tag) => tag.name === name)) droplet.tags.push({ name, shownAt });
}

export function detachTag(account: Account, droplet: Droplet, name: string): void {
  findTag(account, name)?.droplets.delete(droplet.id);
  droplet.tags = droplet.tags.filter((tag) => tag.name !== name);
}

function tagBody(call: Call, tag: Tag): object {
  const live = [...tag.droplets].filter((id) => !call.account.droplets.get(id)?.deletion);
  const newest = live.at(-1);
  const droplets =
    newest === undefined
      ? { count: 0 }
      : { count: live.length, last_tagged_uri: `${call.origin}/v2/droplets/${newest}` };
  const none = { count: 0 };
  const others = { images: none, volumes: none, volume_snapshots: none, databases: none };
  return { name: tag.name, resources: { ...droplets, droplets, ...others } };
}

export function tagOfPath(call: Call): Tag {
  const tag = findTag(call.account, param(call, 0));
  if (!tag) throw notFound();
  return tag;
}

/** GET /v2/tags */
export const listTags = (call: Call): Reply =>
  page(call, "tags", [...call.account.tags.values()], (tag) => tagBody(call, tag));

/** GET /v2/tags/{id} */
export const getTag = (call: Call): Reply => ({ status: 200, body: { tag: tagBody(call, tagOfPath(call)) } });

/** POST /v2/tags */
export function createTag(call: Call): Reply {
  const { name } = bodyOf(call, z.object({ name: z.unknown().optional() }));
  if (!isTagName(name)) throw new ApiError(400, `${JSON.stringify(name ?? "")} contains invalid characters`);
  return { status: 201, body: { tag: tagBody(call, ensureTag(call.account, name)) } };
}

/** DELETE /v2/tags/{id}: untags everything that carries it. */
export function deleteTag(call: Call): Reply {
  const tag = tagOfPath(call);
  for (const id of tag.droplets) {
    const droplet = call.account.droplets.get(id);
    if (droplet) detachTag(call.account, droplet, tag.name);
  }
  call.account.tags.delete(tag.name.toLowerCase());
  return { status: 204 };
}
