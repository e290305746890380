import { constants, type Stats } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/** A file or directory that must be ours alone is not: what it holds may be anybody's. */
export class NotPrivate extends Error {
  override readonly name = "NotPrivate";
  readonly code = "not_private";
}

const largestBytes = 1_000_000;

/** Whether `uid` is the user that this process runs as. Systems without user ids have no others either. */
export const isOurs = (uid: number): boolean => process.geteuid === undefined || uid === process.geteuid();

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

/** Puts a new file in the place of the old one: a crash leaves the one or the other, whole. */
export async function replacePrivateFile(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  if (!(await createPrivateFile(draft, content)))
    throw new Error(`Another process writes ${draft} at this moment; ${path} was left as it is.`);
  await rename(draft, path);
}

/**
 * The text of a file that belongs to us and is closed to everybody else; undefined when there is none.
 * @throws {NotPrivate} for anything else under that name: another's file, one that others can read or write, a link
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const file = await openWithoutFollowing(path);
  if (!file) return undefined;
  try {
    const fault = faultOf(await file.stat());
    if (fault !== undefined)
      throw new NotPrivate(
        `${path} ${fault}; it was not read and nothing was started. Find out who made it. If its content is yours, ` +
          `make it your own file of mode 0600, else remove it.`,
      );
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** Does not wait either: for the writer of a named pipe one would wait for ever. */
async function openWithoutFollowing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    if (hasCode(error, "ELOOP"))
      throw new NotPrivate(
        `${path} is a link, which is not followed; nothing was started. Put the file itself in its place.`,
        { cause: error },
      );
    throw new Error(`${path} could not be read`, { cause: error });
  }
}

function faultOf(found: Stats): string | undefined {
  if (!found.isFile()) return "is not an ordinary file";
  if (!isOurs(found.uid)) return `belongs to user ${found.uid}, and this process runs as user ${process.geteuid?.()}`;
  if ((found.mode & 0o077) !== 0) return `is open to others (mode ${(found.mode & 0o777).toString(8)})`;
  if (found.size > largestBytes) return `has ${found.size} bytes, more than anything of ours`;
  return undefined;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
