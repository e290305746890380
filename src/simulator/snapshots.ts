import { z } from "zod";
import { bodyOf, type Call, idOf, iso, param, type Reply } from "./call.ts";
import { seededUuid } from "./chance.ts";
import { notFound, unprocessable } from "./errors.ts";
import { ownImages } from "./images.ts";
import { page } from "./pagination.ts";
import { settleAll } from "./settle.ts";
import type { StoredImage } from "./stored-image.ts";
import { ensureTag } from "./tags.ts";
import type { VolumeSnapshot } from "./volume.ts";
import { volumeOfPath } from "./volumes.ts";

const dropletSnapshot = (image: StoredImage): object => ({
  id: String(image.id),
  name: image.name,
  created_at: iso(image.createdAt),
  regions: image.regions,
  min_disk_size: image.minDiskSize,
  size_gigabytes: image.sizeGigabytes,
  resource_id: String(image.dropletId),
  resource_type: "droplet",
  tags: image.tags,
});

const volumeSnapshot = (snapshot: VolumeSnapshot): object => ({
  id: snapshot.id,
  name: snapshot.name,
  created_at: iso(snapshot.createdAt),
  regions: [snapshot.region],
  min_disk_size: snapshot.sizeGigabytes,
  size_gigabytes: snapshot.sizeGigabytes,
  resource_id: snapshot.volumeId,
  resource_type: "volume",
  tags: snapshot.tags,
});

const snapshotImages = (call: Call): StoredImage[] =>
  ownImages(call.account).filter((image) => image.type === "snapshot");

/** GET /v2/snapshots: of droplets and of volumes, or one of the two; backups are none. */
export function listSnapshots(call: Call): Reply {
  const { account, now, query } = call;
  settleAll(account, now);
  const type = query.get("resource_type");
  const all = [
    ...(type === "volume" ? [] : snapshotImages(call).map(dropletSnapshot)),
    ...(type === "droplet" ? [] : [...account.volumeSnapshots.values()].map(volumeSnapshot)),
  ];
  return page(call, "snapshots", all, (snapshot) => snapshot);
}

/** GET /v2/snapshots/{id}: a droplet's by its number, a volume's by its UUID. */
export function getSnapshot(call: Call): Reply {
  settleAll(call.account, call.now);
  const id = param(call, 0);
  const image = snapshotImages(call).find((each) => each.id === idOf(id));
  if (image) return { status: 200, body: { snapshot: dropletSnapshot(image) } };
  return getVolumeSnapshot(call);
}

/** DELETE /v2/snapshots/{id} */
export function deleteSnapshot(call: Call): Reply {
  settleAll(call.account, call.now);
  const image = snapshotImages(call).find((each) => each.id === idOf(param(call, 0)));
  if (!image) return deleteVolumeSnapshot(call);
  image.deleted = true;
  return { status: 204 };
}

/** GET /v2/volumes/snapshots/{id} */
export function getVolumeSnapshot(call: Call): Reply {
  const snapshot = call.account.volumeSnapshots.get(param(call, 0));
  if (!snapshot) throw notFound();
  return { status: 200, body: { snapshot: volumeSnapshot(snapshot) } };
}

/** DELETE /v2/volumes/snapshots/{id} */
export function deleteVolumeSnapshot(call: Call): Reply {
  if (!call.account.volumeSnapshots.delete(param(call, 0))) throw notFound();
  return { status: 204 };
}

/** GET /v2/volumes/{id}/snapshots */
export function listVolumeSnapshots(call: Call): Reply {
  const { id } = volumeOfPath(call);
  const own = [...call.account.volumeSnapshots.values()].filter((each) => each.volumeId === id);
  return page(call, "snapshots", own, volumeSnapshot);
}

/** POST /v2/volumes/{id}/snapshots: there at once, whether the volume is attached or not. */
export function createVolumeSnapshot(call: Call): Reply {
  const { account } = call;
  const volume = volumeOfPath(call);
  const sent = bodyOf(call, z.object({ name: z.string().default(""), tags: z.array(z.string()).nullish() }));
  if (sent.name === "") throw unprocessable("name is required");
  const id = seededUuid(account.seed, `volume snapshot ${account.nextId++}`);
  const snapshot: VolumeSnapshot = {
    id,
    volumeId: volume.id,
    name: sent.name,
    region: volume.region,
    sizeGigabytes: volume.sizeGigabytes,
    tags: (sent.tags ?? []).map((tag) => ensureTag(account, tag).name),
    createdAt: call.now,
  };
  account.volumeSnapshots.set(id, snapshot);
  return { status: 201, body: { snapshot: volumeSnapshot(snapshot) } };
}
