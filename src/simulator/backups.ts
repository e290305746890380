import type { Account, Droplet } from "./account-state.ts";
import { nextWindow, retentionMs, windowMs } from "./backup-plan.ts";
import { imageOfDroplet } from "./image-of-droplet.ts";

/** Takes the backups whose windows have closed by now, and drops those that were kept long enough. */
export function settleBackups(account: Account, droplet: Droplet, now: number): void {
  const { backups } = droplet;
  if (!backups || droplet.deletion) return;
  const kept = now - retentionMs(backups);
  if (backups.nextAt < kept) backups.nextAt = nextWindow(backups, kept);
  while (backups.nextAt + windowMs <= now) {
    const made = { id: account.nextId++, name: droplet.name, type: "backup", createdAt: backups.nextAt } as const;
    account.images.set(made.id, imageOfDroplet(account, droplet, made));
    backups.nextAt = nextWindow(backups, backups.nextAt);
  }
  for (const image of account.images.values())
    if (image.type === "backup" && image.dropletId === droplet.id && image.createdAt < kept) image.deleted = true;
}

/** The backups of a droplet go with it; its snapshots stay. */
export function dropBackups(account: Account, droplet: Droplet): void {
  droplet.backups = null;
  for (const image of account.images.values())
    if (image.type === "backup" && image.dropletId === droplet.id) image.deleted = true;
}
