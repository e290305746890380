import { BackupError, hmacOf } from "#backup/format.ts";
import type { Proven } from "#backup/read.ts";
import type { Config } from "#config.ts";
import { secretBox, type SecretBox } from "#secrets/secret-box.ts";
import { findSecretKey } from "#secrets/secret-key.ts";
import { keyFileOf } from "./companions.ts";

/** The secret key of this installation: from outside, or in the data directory; undefined when there is none yet. */
export async function ownBox(config: Config): Promise<SecretBox | undefined> {
  const key = await findSecretKey({ configured: config.secretKey, file: keyFileOf(config) });
  return key && secretBox(key);
}

/**
 * Whether an installation with our secret key made the backup. The key inside a file proves nothing of it: whoever
 * can write the one can write the other.
 * @param allowed takes one all the same of which that cannot be told
 * @throws {BackupError} otherwise
 */
export async function verify(config: Config, proven: Proven, allowed: boolean): Promise<boolean> {
  const box = await ownBox(config);
  const expected = box && hmacOf(box.digest, proven.sha256);
  if (expected !== undefined && proven.hmac === expected) return true;
  if (allowed) return false;
  throw new BackupError(
    `${reason(proven, expected)}; nothing was changed. A backup of somebody else's making hands them what they put ` +
      "into it. --allow-unverified takes it, if you know where the file has been",
  );
}

function reason(proven: Proven, expected: string | undefined): string {
  if (proven.hmac === undefined)
    return "The backup is not signed: release 0.1.0 made it, or it was made without a secret key";
  if (expected === undefined)
    return (
      "There is no secret key here to verify the backup with, and the one inside it proves nothing. " +
      "Put the installation's own in place (secret-key, or ARCADIA_SECRET_KEY), where you have it"
    );
  return "The backup was not made with this installation's secret key, or it was changed afterwards";
}
