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

interface Tagged {
  readonly id: string;
  readonly tags: readonly string[];
}

/** How many of a kind carry the tag, and the last of them. */
function counted(uris: readonly string[]): { count: number; last_tagged_uri?: string } {
  const last = uris.at(-1);
  return last === undefined ? { count: 0 } : { count: uris.length, last_tagged_uri: last };
}

/** What carries the tag, kind by kind; the `count` beside them is that of all. */
function tagBody({ account, origin }: Call, { name, droplets: ids }: Tag): object {
  const droplets = [...ids]
    .filter((id) => !account.droplets.get(id)?.deletion)
    .map((id) => `${origin}/v2/droplets/${id}`);
  const urisOf = (path: string, all: Iterable<Tagged>) =>
    [...all].filter(({ tags }) => tags.includes(name)).map(({ id }) => `${origin}${path}/${id}`);
  const volumes = urisOf("/v2/volumes", account.volumes.values());
  const snapshots = urisOf("/v2/snapshots", account.volumeSnapshots.values());
  const none = { count: 0 };
  const kinds = { droplets: counted(droplets), volumes: counted(volumes), volume_snapshots: counted(snapshots) };
  const all = counted([...snapshots, ...volumes, ...droplets]);
  return { name, resources: { ...all, ...kinds, images: none, databases: none } };
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
  for (const holder of [...call.account.volumes.values(), ...call.account.volumeSnapshots.values()])
    holder.tags = holder.tags.filter((name) => name !== tag.name);
  call.account.tags.delete(tag.name.toLowerCase());
  return { status: 204 };
}
