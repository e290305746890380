import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import type { RefusalFault } from "#refusal.ts";
import { holdRelease } from "#releases/queries.ts";
import { volumeOf, type VolumeSpec } from "#volume.ts";

/** What is asked of a droplet, as far as it is known to be right. */
export interface AskedSpecification {
  readonly release?: string | undefined;
  readonly size_slug?: string | undefined;
  /** A slug, or an integer id as digits. */
  readonly image?: string | undefined;
  readonly ssh_keys?: readonly (string | number)[] | undefined;
  readonly user_data?: string | undefined;
  readonly volume?: VolumeSpec | undefined;
  readonly reserved_ip?: boolean | undefined;
}

export interface Specified {
  readonly size_slug: string | undefined;
  readonly image: string | undefined;
  readonly ssh_keys: readonly (string | number)[];
  readonly volume: VolumeSpec | undefined;
  readonly reserved_ip: boolean;
  readonly faults: readonly RefusalFault[];
}

const sshKeys = z.array(z.union([z.string(), z.int()]));

/**
 * What a droplet is to be: by its release, which says all but size, volume and reserved IP for sure, or by the fields of its own. A release
 * that is used is held until the transaction ends.
 * @param wrong fields that have a fault already
 */
export async function specify(tx: Tx, asked: AskedSpecification, wrong: ReadonlySet<string>): Promise<Specified> {
  const { release: name, size_slug, image, ssh_keys = [], user_data: userData, volume, reserved_ip = false } = asked;
  const faults: RefusalFault[] = [];
  const fault = (path: string, message: string): void => {
    if (!wrong.has(path)) faults.push({ path, message });
  };
  if (name === undefined) {
    // One that is wrong may have said it: nothing is missed twice.
    const perhaps = wrong.has("release");
    if (image === undefined && !perhaps) fault("image", "is needed where there is no release");
    if (size_slug === undefined && !perhaps) fault("size_slug", "is needed where there is no release");
    return { size_slug, image, ssh_keys, volume, reserved_ip, faults };
  }
  const release = await holdRelease(tx, name);
  if (!release) {
    fault("release", `there is no release ${name}`);
    return { size_slug, image, ssh_keys, volume, reserved_ip, faults };
  }
  const says = `is what release ${name} says; leave it out`;
  if (image !== undefined && image !== release.image) fault("image", says);
  if (ssh_keys.length > 0) fault("ssh_keys", says);
  if (userData !== undefined) fault("user_data", says);
  const size = size_slug ?? release.size_slug ?? undefined;
  if (size === undefined) fault("size_slug", `is needed: release ${name} names none`);
  return {
    size_slug: size,
    image: release.image,
    ssh_keys: sshKeys.parse(release.ssh_keys),
    volume: volume ?? volumeOf(release.volume) ?? undefined,
    // Also where it says no and its release yes: it is about the hostname, not the droplet.
    reserved_ip: asked.reserved_ip ?? release.reserved_ip,
    faults,
  };
}
