import { hkdfSync, randomBytes } from "node:crypto";
import { createPrivateFile, readPrivateFile } from "#private-file.ts";

const fileFormat = /^[0-9a-f]{64}\n?$/;

interface Source {
  /** ARCADIA_SECRET_KEY. */
  readonly configured?: string | undefined;
  readonly file: string;
}

/**
 * The 32 bytes under which secrets are sealed: made of the configured text, or else read from `file`, which the first
 * start creates exclusively with mode 0600.
 * @throws when the file is damaged: it is never replaced, because what it sealed would be lost.
 */
export async function loadSecretKey(source: Source): Promise<Buffer> {
  const found = await findSecretKey(source);
  if (found) return found;
  const made = randomBytes(32).toString("hex");
  if (await createPrivateFile(source.file, `${made}\n`)) return Buffer.from(made, "hex");
  return loadSecretKey(source);
}

/** The same, and undefined when there is none yet. */
export async function findSecretKey({ configured, file }: Source): Promise<Buffer | undefined> {
  if (configured !== undefined) return Buffer.from(hkdfSync("sha256", configured, "arcadia", "secret key", 32));
  const found = await readPrivateFile(file);
  if (found === undefined) return undefined;
  if (!fileFormat.test(found))
    throw new Error(
      `${file} does not hold a key of 64 hexadecimal digits; nothing was started. ` +
        "Restore it from a backup: what it sealed opens with no other key.",
    );
  return Buffer.from(found.trim(), "hex");
}
