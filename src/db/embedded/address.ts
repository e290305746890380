import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { NotPrivate, readPrivateFile, replacePrivateFile } from "#private-file.ts";

/** How to reach the embedded server: connection URLs with their passwords, one for each of its two roles. */
export interface Addresses {
  /** Migrates, restores, and owns all there is; a superuser. */
  readonly owner: URL;
  /** What server and workers run as: it reads and writes rows, and can do nothing else. */
  readonly runtime: URL;
}

const ownerRole = "arcadia";
export const runtimeRole = "arcadia_runtime";

/** Mode 0600. `psql "$(cat .arcadia/postgres-url)"` works. */
export const addressFile = (directory: string): string => join(directory, "postgres-url");
const ownerFile = (directory: string): string => join(directory, "postgres-owner-url");

/** A password of 192 random bits; the first start says where the socket is. */
const newAddress = (role: string): URL =>
  new URL(`postgres://${role}:${randomBytes(24).toString("base64url")}@localhost/arcadia`);

/** Writes the owner's address of a cluster that is about to be made. */
export async function newOwner(directory: string): Promise<URL> {
  const owner = newAddress(ownerRole);
  await replacePrivateFile(ownerFile(directory), `${owner.href}\n`);
  return owner;
}

/**
 * Both addresses. The release before had one role, the owner, in the file that is the other's now: its address moves
 * to a file of its own first, so that a start that is killed here is completed by the next.
 * @throws when there is none.
 */
export async function readAddresses(directory: string): Promise<Addresses> {
  const [known, found] = [await readUrl(ownerFile(directory)), await readUrl(addressFile(directory))];
  const owner = known ?? (found?.username === ownerRole ? found : undefined);
  if (!owner)
    throw new Error(
      `The password of the embedded database cannot be read from ${ownerFile(directory)}. Nothing was started. ` +
        "Restore that file from a backup; without it the data is there, but closed.",
    );
  if (!known) await replacePrivateFile(ownerFile(directory), `${owner.href}\n`);
  return { owner, runtime: found?.username === runtimeRole ? found : newAddress(runtimeRole) };
}

/** The address of a server that another process of ours runs. */
export async function readAddress(directory: string): Promise<URL> {
  const found = await readUrl(addressFile(directory));
  if (found) return found;
  throw new Error(`The embedded database's address is not in ${addressFile(directory)}: is its server starting?`);
}

export async function writeAddresses(directory: string, { owner, runtime }: Addresses): Promise<void> {
  await replacePrivateFile(ownerFile(directory), `${owner.href}\n`);
  await replacePrivateFile(addressFile(directory), `${runtime.href}\n`);
}

async function readUrl(path: string): Promise<URL | undefined> {
  const text = await readPrivateFile(path);
  if (text === undefined) return undefined;
  const url = URL.parse(text.trim());
  if (url) return url;
  throw new NotPrivate(
    `${path} does not hold the address of a database; nothing was started. Restore it from a backup.`,
  );
}
