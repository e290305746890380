import { chmodSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isOurs, NotPrivate } from "./private-file.ts";

/** What a data directory of ours holds from its first start on. */
const traces = ["lock", "admin-token", "secret-key"];
/** As root, the database is outside, because the account that runs it cannot enter what only root can. */
const linked = "postgres";

/**
 * Takes a directory for what must be ours alone, creating it (0700) when it is missing.
 * @returns its path, absolute and without links
 * @throws {NotPrivate} when somebody else made it, put something into it, or could do so now
 */
export function claimDirectory(path: string): string {
  const directory = prepare(path);
  const { uid, mode } = lstatSync(directory);
  if (!isOurs(uid)) throw refusal(directory, `belongs to user ${uid}, and this process runs as ${process.geteuid?.()}`);
  const isOpen = (mode & 0o022) !== 0;
  if (isOpen && readdirSync(directory).length === 0) chmodSync(directory, 0o700);
  const names = readdirSync(directory);
  if (isOpen && names.length > 0)
    throw refusal(directory, `was open to others (mode ${octal(mode)}), who may have put into it what is there`);
  for (const name of names) refuseEntry(directory, name);
  const unsafe = unsafeAncestor(directory);
  if (unsafe !== undefined) throw refusal(directory, `can be exchanged by whoever may write to ${unsafe}`);
  // Somebody's home must not be closed because a variable names it.
  const isOfUs = names.length === 0 || names.some((name) => traces.includes(name));
  if ((mode & 0o077) !== 0 && isOfUs) chmodSync(directory, 0o700);
  return directory;
}

function prepare(path: string): string {
  try {
    const link = strangersLink(resolve(path));
    if (link !== undefined)
      throw refusal(path, `is reached by the link ${link}, which somebody else can lead elsewhere`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return realpathSync(path);
  } catch (error) {
    if (error instanceof NotPrivate) throw error;
    throw unusable(path, error);
  }
}

/** More of them one after the other, the system does not follow either (path_resolution(7)). */
const mostLinks = 40;

/**
 * The first link on the way to `path`, which is absolute, that neither root nor we made, or in whose place somebody else
 * could put another one: behind what was looked at just now would be another directory.
 */
function strangersLink(path: string, left: number = mostLinks): string | undefined {
  const above = dirname(path);
  if (above === path) return undefined;
  const before = strangersLink(above, left);
  const found = before === undefined ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  if (!found?.isSymbolicLink()) return before;
  const place = join(realpathSync(above), basename(path));
  if (left === 0 || !isTrusted(found.uid) || unsafeAncestor(place) !== undefined) return path;
  return strangersLink(resolve(dirname(place), readlinkSync(place)), left - 1);
}

/** The directory cannot be created, entered or written. */
export const unusable = (path: string, cause: unknown): Error =>
  new Error(
    `The data directory cannot be used: ${path} cannot be created, entered or written by this user. ` +
      "Nothing was started. Correct its owner, or choose another with ARCADIA_DATA_DIR.",
    { cause },
  );

/** Root may have put a backup or a mount point there. Others cannot, once the directory is ours and closed. */
function refuseEntry(directory: string, name: string): void {
  const found = lstatSync(join(directory, name), { throwIfNoEntry: false });
  // Gone meanwhile: a file that was being replaced.
  if (!found) return;
  if (!isTrusted(found.uid)) throw refusal(directory, `holds ${name}, which belongs to user ${found.uid}`);
  if (found.isSymbolicLink() && name !== linked) throw refusal(directory, `holds the link ${name}`);
}

/**
 * The nearest directory above `path`, which has no links, in which somebody else could put another in its place:
 * one of neither root nor us, or that others may write to without the sticky bit. Root's group is let be, and the group of
 * an ordinary user's own files, as it mostly is theirs alone; so is the owner of this program, who has us do anything anyway.
 */
export function unsafeAncestor(path: string): string | undefined {
  const above = dirname(path);
  if (above === path) return undefined;
  const { uid, gid, mode } = lstatSync(above);
  const ownGroup = gid === 0 || (process.geteuid?.() !== 0 && gid === process.getegid?.());
  const writable = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !ownGroup);
  const sticky = (mode & 0o1000) !== 0;
  if ((!isTrusted(uid) && uid !== ownerOfProgram()) || (writable && !sticky)) return above;
  return unsafeAncestor(above);
}

const ownerOfProgram = (): number => lstatSync(fileURLToPath(import.meta.url)).uid;

const isTrusted = (uid: number): boolean => uid === 0 || isOurs(uid);

const refusal = (directory: string, why: string): NotPrivate =>
  new NotPrivate(
    `The data directory ${resolve(directory)} ${why}. Nothing in it was used and nothing was started. Run as its owner ` +
      "with it closed to others (chmod 700), or choose another with ARCADIA_DATA_DIR; what others could put there, remove.",
  );

const octal = (mode: number): string => (mode & 0o777).toString(8);
