import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BackupError } from "#backup/format.ts";
import type { Config } from "#config.ts";
import { createPrivateFile, readPrivateFile } from "#private-file.ts";
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
    const content = await readPrivateFile(join(config.dataDirectory, name));
    if (content !== undefined) found.set(name, content);
  }
  if (config.secretKey !== undefined || found.has(keyFile)) found.set(checkName, await checkOf(config));
  return found;
}

export const keyFileOf = (config: Config): string => join(config.dataDirectory, keyFile);

export const holdsKey = (files: ReadonlyMap<string, string>): boolean => files.has(keyFile);

async function checkOf({ secretKey, dataDirectory }: Config): Promise<string> {
  const key = await loadSecretKey({ configured: secretKey, file: join(dataDirectory, keyFile) });
  return secretBox(key).digest("the key of this backup").toString("hex");
}

/** @throws {BackupError} when the key that the server will use is not the backup's */
export async function refuseOtherKey(config: Config, files: ReadonlyMap<string, string>): Promise<void> {
  const check = files.get(checkName);
  const another = config.secretKey !== undefined && check !== undefined && check !== (await checkOf(config));
  if (another || (config.secretKey === undefined && check !== undefined && !holdsKey(files)))
    throw new BackupError(
      "The backup's secrets were sealed with another key; nothing was changed. " +
        (holdsKey(files) ? "Unset ARCADIA_SECRET_KEY: the backup holds its key" : "Set ARCADIA_SECRET_KEY to that key"),
    );
}

/** @throws {BackupError} when another file is in the way of one that is put back */
export async function refuseCompanions(config: Config, files: ReadonlyMap<string, string>): Promise<void> {
  for (const name of fileNames) {
    const [path, content] = [join(config.dataDirectory, name), files.get(name)];
    const before = content === undefined ? undefined : await readPrivateFile(path);
    if (before !== undefined && before !== content)
      throw new BackupError(`${path} is there already and another; nothing was changed. --force replaces it`);
  }
}

/**
 * Writes the files beside their places: until the database is committed, the old ones go with it.
 * @returns what puts them in their places, and what removes them again
 */
export async function stageCompanions(
  config: Config,
  files: ReadonlyMap<string, string>,
): Promise<{ place(): Promise<void>; discard(): Promise<void> }> {
  const staged: { readonly path: string; readonly beside: string }[] = [];
  const discard = async () => {
    for (const { beside } of staged) await rm(beside, { force: true });
  };
  try {
    for (const name of fileNames) {
      const content = files.get(name);
      if (content === undefined) continue;
      const path = join(config.dataDirectory, name);
      const beside = `${path}.restored`;
      staged.push({ path, beside });
      await rm(beside, { force: true });
      await createPrivateFile(beside, content);
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { place: () => placeAll(staged), discard };
}

async function placeAll(staged: readonly { readonly path: string; readonly beside: string }[]): Promise<void> {
  for (const { path, beside } of staged)
    await rename(beside, path).catch((cause: unknown) => {
      throw new Error(
        `The database is restored, but ${beside} could not be put in the place of ${path}. ` +
          "Do that by hand before the server starts, or restore again with --force",
        { cause },
      );
    });
}
