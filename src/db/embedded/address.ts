import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

/**
 * The file that remembers how to reach the embedded server: one connection URL with its password and port, mode 0600.
 * `psql "$(cat .arcadia/postgres-url)"` works.
 */
export const addressFile = (directory: string): string => join(directory, "postgres-url");

/** A new address, with a password of 192 random bits; the first start chooses the port. */
export function newAddress(): URL {
  return new URL(`postgres://arcadia:${randomBytes(24).toString("base64url")}@127.0.0.1:0/arcadia`);
}

export async function readAddress(directory: string): Promise<URL> {
  try {
    return new URL((await readFile(addressFile(directory), "utf8")).trim());
  } catch (error) {
    throw new Error(
      `The password of the embedded database cannot be read from ${addressFile(directory)}. Nothing was started. ` +
        "Restore that file from a backup; without it the data is there, but closed.",
      { cause: error },
    );
  }
}

/** Replaced as a whole, so that a crash leaves the old address or the new one. */
export async function writeAddress(directory: string, address: URL): Promise<void> {
  const draft = `${addressFile(directory)}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${address.href}\n`, { mode: 0o600, flag: "wx", flush: true });
  await rename(draft, addressFile(directory));
}

/** `preferred` when nobody listens on it, otherwise any free port of 127.0.0.1. */
export async function freePort(preferred: number): Promise<number> {
  try {
    return await listenOnce(preferred);
  } catch {
    // Taken by another program meanwhile; nobody depends on the number.
    return listenOnce(0);
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === "object") resolve(address.port);
        else reject(new Error(`Port ${port} of 127.0.0.1 was opened without an address.`));
      });
    });
  });
}
