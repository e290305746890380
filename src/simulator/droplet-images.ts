import type { Droplet } from "./account-state.ts";
import { retentionDays, windowMs } from "./backup-plan.ts";
import { type Call, iso, type Reply } from "./call.ts";
import { backupWindow } from "./droplet-view.ts";
import { foundDroplet } from "./found-droplet.ts";
import { ownImages } from "./images.ts";
import { page } from "./pagination.ts";
import type { StoredImage } from "./stored-image.ts";

const body = (image: StoredImage): object => ({
  id: image.id,
  name: image.name,
  created_at: iso(image.createdAt),
  regions: image.regions,
  min_disk_size: image.minDiskSize,
  size_gigabytes: image.sizeGigabytes,
  type: image.type,
});

function list(call: Call, key: string, type: StoredImage["type"]): Reply {
  const { id } = foundDroplet(call);
  const images = ownImages(call.account).filter((image) => image.dropletId === id && image.type === type);
  return page(call, key, images, body);
}

/** GET /v2/droplets/{id}/snapshots */
export const listDropletSnapshots = (call: Call): Reply => list(call, "snapshots", "snapshot");

/** GET /v2/droplets/{id}/backups */
export const listDropletBackups = (call: Call): Reply => list(call, "backups", "backup");

const policyBody = ({ backups }: Droplet): object =>
  backups
    ? {
        plan: backups.plan,
        ...(backups.weekday !== null && { weekday: backups.weekday }),
        hour: backups.hour,
        window_length_hours: windowMs / 3_600_000,
        retention_period_days: retentionDays(backups),
      }
    : {};

/** GET /v2/droplets/{id}/backups/policy */
export function getBackupPolicy(call: Call): Reply {
  const droplet = foundDroplet(call);
  const policy = {
    droplet_id: droplet.id,
    backup_enabled: droplet.backups !== null,
    backup_policy: policyBody(droplet),
    next_backup_window: backupWindow(droplet),
  };
  return { status: 200, body: { policy } };
}

/** GET /v2/droplets/{id}/kernels: droplets manage their own, so there are none to choose from. */
export function listKernels(call: Call): Reply {
  foundDroplet(call);
  return page(call, "kernels", [], (kernel) => kernel);
}
