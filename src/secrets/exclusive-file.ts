import { chmod, open, readFile } from "node:fs/promises";

/** Creates the file with mode 0600 and writes it through to the disk. @returns false when it exists already */
export async function createPrivateFile(path: string, content: string): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (hasCode(error, "EEXIST")) return undefined;
    throw new Error(`${path} could not be created; nothing was written`, { cause: error });
  });
  if (!file) return false;
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/** The file's text, with the file closed to others; undefined when there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    await chmod(path, 0o600);
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new Error(`${path} could not be read`, { cause: error });
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
