import { z } from "zod";
import type { Account } from "./account-state.ts";
import { bodyOf, type Call, iso, param, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { seededUuid } from "./chance.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { settleAll } from "./settle.ts";
import { isTagName } from "./tag-names.ts";
import { ensureTag } from "./tags.ts";
import type { Volume } from "./volume.ts";

export const largestVolume = 16_384;
/** As many as a droplet takes. */
export const mostVolumes = 15;

const shape = z.object({
  name: z.string().default(""),
  description: z.string().nullish(),
  size_gigabytes: z.number().int().default(0),
  region: z.string().nullish(),
  snapshot_id: z.string().nullish(),
  filesystem_type: z.enum(["", "ext4", "xfs"]).nullish(),
  filesystem_label: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});

const body = (volume: Volume): object => ({
  id: volume.id,
  name: volume.name,
  description: volume.description,
  region: findRegion(volume.region),
  size_gigabytes: volume.sizeGigabytes,
  filesystem_type: volume.filesystemType,
  filesystem_label: volume.filesystemLabel,
  droplet_ids: volume.dropletId === null ? [] : [volume.dropletId],
  tags: volume.tags,
  created_at: iso(volume.createdAt),
});

export const volumesOf = (account: Account, dropletId: number): Volume[] =>
  [...account.volumes.values()].filter((volume) => volume.dropletId === dropletId);

export const findVolume = (account: Account, name: string | null, region: string | null): Volume | undefined =>
  [...account.volumes.values()].find((volume) => volume.name === name && volume.region === region);

export function volumeOfPath(call: Call): Volume {
  settleAll(call.account, call.now);
  const volume = call.account.volumes.get(param(call, 0));
  if (!volume) throw notFound();
  return volume;
}

/** GET /v2/volumes: all, of one name, of one region. */
export function listVolumes(call: Call): Reply {
  const { account, now, query } = call;
  settleAll(account, now);
  const [name, region] = [query.get("name"), query.get("region")];
  const volumes = [...account.volumes.values()].filter(
    (volume) => (name === null || volume.name === name) && (region === null || volume.region === region),
  );
  return page(call, "volumes", volumes, body);
}

/** GET /v2/volumes/{id} */
export const getVolume = (call: Call): Reply => ({ status: 200, body: { volume: body(volumeOfPath(call)) } });

/** POST /v2/volumes: a name is there once in a region, which makes it a handle. */
export function createVolume(call: Call): Reply {
  const { account } = call;
  const sent = bodyOf(call, shape);
  const { name } = sent;
  const snapshot = sent.snapshot_id ? account.volumeSnapshots.get(sent.snapshot_id) : undefined;
  if (sent.snapshot_id && !snapshot) throw notFound();
  const region = sent.region ?? snapshot?.region ?? "";
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw unprocessable("name may contain a-z, 0-9 and -, a letter first");
  if (!findRegion(region)) throw unprocessable("region is not available");
  if (snapshot && snapshot.region !== region) throw unprocessable("the snapshot is in another region");
  const least = snapshot?.sizeGigabytes ?? 1;
  if (sent.size_gigabytes < least || sent.size_gigabytes > largestVolume)
    throw unprocessable(`size_gigabytes must be between ${least} and ${largestVolume}`);
  checkLabel(sent.filesystem_type ?? "", sent.filesystem_label ?? "");
  const badTag = sent.tags?.find((tag): boolean => !isTagName(tag));
  if (badTag !== undefined) throw unprocessable(`Tag "${badTag}" contains invalid characters`);
  if (findVolume(account, name, region)) throw new ApiError(409, "a volume with this name already exists");
  const id = seededUuid(account.seed, `volume ${account.nextId++}`);
  const volume: Volume = {
    id,
    name,
    description: sent.description ?? "",
    region,
    sizeGigabytes: sent.size_gigabytes,
    filesystemType: sent.filesystem_type ?? "",
    filesystemLabel: sent.filesystem_label ?? "",
    tags: (sent.tags ?? []).map((tag) => ensureTag(account, tag).name),
    dropletId: null,
    createdAt: call.now,
  };
  account.volumes.set(id, volume);
  return { status: 201, body: { volume: body(volume) } };
}

/** As long as a label of each file system may be. */
const longestLabel: Readonly<Record<string, number>> = { ext4: 16, xfs: 12 };

/** Throws the 422 unless there is a file system that can have this label. */
function checkLabel(type: string, label: string): void {
  if (label === "") return;
  const longest = longestLabel[type];
  if (longest === undefined) throw unprocessable("filesystem_label needs a filesystem_type");
  if (label.length > longest) throw unprocessable(`filesystem_label may have ${longest} characters on ${type}`);
}

/** DELETE /v2/volumes/{id} */
export const deleteVolume = (call: Call): Reply => remove(call, volumeOfPath(call));

/** DELETE /v2/volumes?name=…&region=… */
export function deleteVolumeByName(call: Call): Reply {
  settleAll(call.account, call.now);
  const volume = findVolume(call.account, call.query.get("name"), call.query.get("region"));
  if (!volume) throw notFound();
  return remove(call, volume);
}

function remove(call: Call, volume: Volume): Reply {
  if (volume.dropletId !== null) throw new ApiError(409, "attached volume cannot be deleted");
  call.account.volumes.delete(volume.id);
  return { status: 204 };
}
