import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupError } from "#backup/format.ts";
import type { Config } from "#config.ts";
import { secretBox } from "#secrets/secret-box.ts";
import { loadSecretKey } from "#secrets/secret-key.ts";

/** What goes with the database: the key that its secrets are sealed with, and the account of the built-in simulator. */
const keyFile = "secret-key";
const fileNames = [keyFile, "simulator-account.json"] as const;
/** Tells whether a key is the one of the backup, and nothing else of it. */
const checkName = "secret-key-check";

/** The files of the data directory that a backup holds. */
export async function readCompanions(config: Config): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of fileNames) {
    // With a key from outside, one in a file seals nothing.
    if (name === keyFile && config.secretKey !== undefined) continue;
    const content = await readIfThere(join(config.dataDirectory, name));
    if (content !== undefined) found.set(name, content);
  }
  if (config.secretKey !== undefined || found.has(keyFile)) found.set(checkName, await checkOf(config));
  return found;
}

export const holdsKey = (files: ReadonlyMap<string, string>): boolean => files.has(keyFile);

async function checkOf({ secretKey, dataDirectory }: Config): Promise<string> {
  const key = await loadSecretKey({ configured: secretKey, file: join(dataDirectory, keyFile) });
  return secretBox(key).digest("the key of this backup").toString("hex");
}

/**
 * Puts the files back.
 * @throws {BackupError} when the key that the server will use is not the backup's, or, without `force`, when another
 *   file is in the way
 */
export async function writeCompanions(
  config: Config,
  files: ReadonlyMap<string, string>,
  force: boolean,
): Promise<void> {
  const check = files.get(checkName);
  const another = config.secretKey !== undefined && check !== undefined && check !== (await checkOf(config));
  if (another || (config.secretKey === undefined && check !== undefined && !holdsKey(files)))
    throw new BackupError(
      "The backup's secrets were sealed with another key; nothing was restored. " +
        (holdsKey(files) ? "Unset ARCADIA_SECRET_KEY: the backup holds its key" : "Set ARCADIA_SECRET_KEY to that key"),
    );
  for (const name of fileNames) {
    const content = files.get(name);
    if (content === undefined) continue;
    const path = join(config.dataDirectory, name);
    const before = await readIfThere(path);
    if (before !== undefined && before !== content && !force)
      throw new BackupError(`${path} is there already and another; nothing was restored. --force replaces it`);
    await writeFile(path, content, { mode: 0o600, flush: true });
    await chmod(path, 0o600);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
