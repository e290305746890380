import { z } from "zod";
import type { Action, Droplet } from "./account-state.ts";
import { backupPlan, backupPolicyShape } from "./backup-plan.ts";
import type { Call } from "./call.ts";
import { findSize } from "./catalogue.ts";
import { dropletName } from "./droplet-name.ts";
import { unprocessable } from "./errors.ts";
import { findImage } from "./images.ts";

export const actionShape = z.object({
  type: z.string().default(""),
  size: z.unknown().optional(),
  disk: z.boolean().nullish(),
  image: z.unknown().optional(),
  name: z.unknown().optional(),
  backup_policy: backupPolicyShape.nullish(),
});

type Body = z.infer<typeof actionShape>;
type Change = Action["change"];

/** What each type of the official document does to a droplet, or DigitalOcean's 422. */
const changes: Record<string, (call: Call, droplet: Droplet, body: Body) => Change> = {
  power_on: () => ({ power: "on" }),
  power_cycle: () => ({ power: "on" }),
  reboot: () => ({ power: "on" }),
  power_off: () => ({ power: "off" }),
  shutdown: () => ({ power: "off" }),
  // The new password goes out by mail, and no answer shows it.
  password_reset: () => ({}),
  rename: (_call, _droplet, body) => ({ name: dropletName(body.name) }),
  resize,
  rebuild,
  restore,
  snapshot,
  enable_backups: (call, droplet, body) =>
    droplet.backups ? {} : { backups: backupPlan(body.backup_policy, lotOf(call, droplet), call.now) },
  disable_backups: () => ({ backups: null }),
  change_backup_policy(call, droplet, body) {
    if (!droplet.backups) throw unprocessable("Backups are not enabled for this Droplet.");
    if (!body.backup_policy) throw unprocessable("backup_policy is required");
    return { backups: backupPlan(body.backup_policy, lotOf(call, droplet), call.now) };
  },
  enable_ipv6(_call, droplet) {
    if (!droplet.publicNetworking) throw unprocessable("Public networking is disabled for this Droplet.");
    return { feature: "ipv6" };
  },
  change_kernel() {
    throw unprocessable("The kernel of this Droplet is managed from within the Droplet.");
  },
};

/** Checks an action and tells what it will have changed once it has completed. */
export function changeOf(call: Call, droplet: Droplet, body: Body): Change {
  const change = Object.hasOwn(changes, body.type) ? changes[body.type] : undefined;
  if (!change) throw unprocessable("The action type is not valid.");
  if (droplet.pendingAction !== null) throw unprocessable("Droplet already has a pending event.");
  return change(call, droplet, body);
}

const lotOf = (call: Call, droplet: Droplet) => ({ seed: call.account.seed, dropletId: droplet.id });

/** Without `disk: true` only CPU and memory change; a disk grows for good and never shrinks (terraform#7094). */
function resize(_call: Call, droplet: Droplet, body: Body): Change {
  const size = findSize(body.size);
  if (!size) throw unprocessable("You specified an invalid size.");
  if (!size.regions.includes(droplet.region)) throw unprocessable("Size is not available in this region.");
  if (size.disk < droplet.disk) throw unprocessable("Size can not decrease size of Droplet's disk image");
  if (droplet.power === "on") throw unprocessable("Droplet must be powered off to be resized.");
  return { size: size.slug, ...(body.disk === true && { disk: size.disk }) };
}

function rebuild(call: Call, droplet: Droplet, body: Body): Change {
  const image = findImage(call.account, body.image);
  if (!image) throw unprocessable("You specified an invalid image.");
  if (!image.regions.includes(droplet.region)) throw unprocessable("Image is not available in this region.");
  if (image.minDiskSize > droplet.disk) throw unprocessable("The image needs a bigger disk than this Droplet has.");
  return { image: image.id, power: "on" };
}

/** Only from a backup of the same droplet; a snapshot comes back by a rebuild. */
function restore(call: Call, droplet: Droplet, body: Body): Change {
  const image = findImage(call.account, body.image);
  const own = image && call.account.images.get(image.id);
  if (own?.type !== "backup" || own.dropletId !== droplet.id)
    throw unprocessable("You specified an invalid image: a Droplet is restored from a backup of its own.");
  return { image: own.id, power: "on" };
}

function snapshot(call: Call, droplet: Droplet, body: Body): Change {
  const name = body.name ?? `${droplet.name}-${call.now}`;
  if (typeof name !== "string" || name === "" || name.length > 255) throw unprocessable("Name is not valid.");
  return { snapshot: { id: call.account.nextId++, name } };
}
