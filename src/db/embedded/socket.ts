import { chown, lstat, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";

/** Names the socket file, and nothing else: the server does not listen on TCP. */
const port = 5432;
/** What the path of a socket may have, in bytes without the last one: 104 on macOS, 108 on Linux (sys/un.h). */
const longestPath = 103;

export const socketFile = (directory: string): string => join(directory, `.s.PGSQL.${port}`);

/**
 * Where the server's socket is: in its data directory, which only the account that runs it can enter, and root. Where
 * that has too long a path, in a directory of the same kind under /tmp, the one that `remembered` names if it is there
 * yet. PostgreSQL touches the socket every hour, so that cleaners leave it.
 */
export async function socketDirectory({ data, account }: Cluster, remembered: URL): Promise<string> {
  if (Buffer.byteLength(socketFile(data)) <= longestPath) return data;
  const before = remembered.searchParams.get("host");
  const found = before === null ? undefined : await lstat(before).catch(() => undefined);
  const owner = account?.uid ?? process.geteuid?.();
  if (before !== null && found?.isDirectory() && found.uid === owner && (found.mode & 0o777) === 0o700) return before;
  const made = await mkdtemp("/tmp/arcadia-");
  // Nobody else can exchange it: it is root's yet, in a directory with the sticky bit.
  if (account) await chown(made, account.uid, account.gid);
  return made;
}

/** As libpq and node-postgres read it: `host` in the query takes the place of the one before the path. */
export function locate(address: URL, directory: string): void {
  address.host = `localhost:${port}`;
  address.search = `?host=${encodeURIComponent(directory)}`;
}

/** The server's settings for it; a directory in quotes, because the setting is a list. */
export const socketSettings = (directory: string): Record<string, string> => ({
  listen_addresses: "",
  unix_socket_directories: `"${directory.replaceAll('"', '""')}"`,
  port: String(port),
});
