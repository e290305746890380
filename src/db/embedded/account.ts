import { readFile, stat } from "node:fs/promises";

/** The user that PostgreSQL runs as when that is not ours: it refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** In this order: the first is made for it, the second exists nearly everywhere. initdb wants one with a name. */
const candidates = ["postgres", "_postgres", "nobody"];

/** @throws when the machine has none of the users that could run a database for root. */
export async function unprivilegedAccount(): Promise<Account> {
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of candidates) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the users ${candidates.join(", ")} is in /etc/passwd to run it for us. ` +
      "Nothing was started. Start as an ordinary user, add one of these, or set DATABASE_URL.",
  );
}

/**
 * Who must run the server on an existing data directory: its owner. Undefined when that is us.
 * @throws when it belongs to somebody whom we cannot become.
 */
export async function accountOwning(data: string): Promise<Account | undefined> {
  const { uid, gid } = await stat(data);
  if (uid === process.getuid?.()) return undefined;
  if (isRoot()) return { uid, gid };
  throw new Error(
    `The database in ${data} belongs to user ${uid}, and this process runs as user ${process.getuid?.()}. ` +
      "Nothing was started. Start as that user or as root, or use another ARCADIA_DATA_DIR.",
  );
}
