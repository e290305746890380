import { hkdfSync, randomBytes } from "node:crypto";
import { createPrivateFile, readPrivateFile } from "#private-file.ts";

const fileFormat = /^[0-9a-f]{64}\n?$/;

/**
 * The 32 bytes under which secrets are sealed: made of the configured text (ARCADIA_SECRET_KEY), or else read from
 * `file`, which the first start creates exclusively with mode 0600.
 * @throws when the file is damaged: it is never replaced, because what it sealed would be lost.
 */
export async function loadSecretKey(source: {
  readonly configured?: string | undefined;
  readonly file: string;
}): Promise<Buffer> {
  if (source.configured !== undefined)
    return Buffer.from(hkdfSync("sha256", source.configured, "arcadia", "secret key", 32));
  const made = randomBytes(32).toString("hex");
  if (await createPrivateFile(source.file, `${made}\n`)) return Buffer.from(made, "hex");
  const found = (await readPrivateFile(source.file)) ?? "";
  if (!fileFormat.test(found))
    throw new Error(
      `${source.file} does not hold a key of 64 hexadecimal digits; nothing was started. ` +
        "Restore it from a backup: what it sealed opens with no other key.",
    );
  return Buffer.from(found.trim(), "hex");
}
