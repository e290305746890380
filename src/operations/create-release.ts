import { checkSpecification } from "#catalogue/check.ts";
import type { Tx } from "#db/connection.ts";
import { assembleUserData, longestUserData, sizeOf } from "#deployments/assemble-user-data.ts";
import { violatedUnique } from "#db/violation.ts";
import { Refusal, type RefusalFault } from "#refusal.ts";
import { insertRelease, type ReleaseRow } from "#releases/queries.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { releaseContext } from "#secrets/user-data-context.ts";
import type { VolumeSpec } from "#volume.ts";

export interface ReleaseInput {
  readonly name: string;
  /** A slug, or an integer id as digits. */
  readonly image: string;
  readonly size_slug?: string | undefined;
  readonly ssh_keys: readonly (string | number)[];
  readonly user_data?: string | undefined;
  readonly health_check?: object | undefined;
  readonly monitoring: boolean;
  readonly ipv6: boolean;
  readonly backups: boolean;
  readonly vpc_uuid?: string | undefined;
  readonly stateless: boolean;
  readonly rollback_safe: boolean;
  readonly volume?: VolumeSpec | undefined;
  readonly reserved_ip: boolean;
}

/** Every fault that only the database and the assembly can tell, of the fields that are there. */
export async function checkRelease(
  tx: Tx,
  asked: { readonly [Field in keyof ReleaseInput]?: ReleaseInput[Field] | undefined },
): Promise<RefusalFault[]> {
  const { size_slug, image, user_data: userData, name = "" } = asked;
  const faults = await checkSpecification(tx, { size_slug, image }, null);
  const told = { hostname: "a.bc", tenant: "a", deployment: "0".repeat(36), release: name, variables: {} };
  if (userData !== undefined && sizeOf(userData) <= longestUserData) {
    const size = sizeOf(assembleUserData(told, userData));
    if (size > longestUserData)
      faults.push({
        path: "user_data",
        message: `leaves no room for what a droplet is told beside it: together ${size} bytes, at most 64 KiB`,
      });
  }
  return faults;
}

/** @throws {Refusal} `release_exists` */
export async function createRelease(
  tx: Tx,
  input: ReleaseInput,
  made: { readonly id: string; readonly now: Date; readonly secrets: SecretBox },
): Promise<ReleaseRow> {
  const {
    user_data: userData,
    health_check: check,
    ssh_keys: keys,
    size_slug = null,
    vpc_uuid = null,
    volume,
    ...rest
  } = input;
  try {
    return await insertRelease(tx, {
      ...rest,
      id: made.id,
      size_slug,
      vpc_uuid,
      ssh_keys: JSON.stringify(keys),
      health_check: check ? JSON.stringify(check) : null,
      volume: volume ? JSON.stringify(volume) : null,
      user_data: userData === undefined ? null : made.secrets.seal(userData, releaseContext(input.name)),
      created_at: made.now,
    });
  } catch (error) {
    if (violatedUnique(error) !== "releases_name_key") throw error;
    const detail = `There is a release ${input.name} already, and releases do not change: give this one another name`;
    throw new Refusal("release_exists", detail, { cause: error });
  }
}
