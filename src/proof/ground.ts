import pg from "pg";
import { columnTypes } from "#db/connection.ts";
import { cloneDatabase, dropDatabase, type TestServer } from "./server.ts";
import { openProofDatabase, type ProofDatabase } from "./stage/database.ts";

export interface ProofGround {
  readonly database: ProofDatabase;
  close(): Promise<void>;
}

/**
 * A database of its own to run proofs in, one after the other.
 * @param name of letters, digits and `_`
 * @param prepare what is done to it first, migrated as it is
 */
export async function openGround(
  server: TestServer,
  name: string,
  prepare?: (url: string) => Promise<void>,
): Promise<ProofGround> {
  const cloned = await cloneDatabase(server, name);
  await prepare?.(cloned);
  const url = await socketOf(cloned);
  // Statements are sent before the answers to those before them are there: a transaction's begin costs no wait.
  const client = new pg.Client({ connectionString: url, types: columnTypes, pipeline: true });
  await client.connect();
  return {
    database: await openProofDatabase(client),
    async close() {
      await client.end();
      await dropDatabase(server, name);
    },
  };
}

/** The same database by the server's socket file. */
async function socketOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    const { username, password, port, pathname } = new URL(url);
    const host = encodeURIComponent(rows[0]?.data_directory ?? "");
    return `postgres://${username}:${password}@${pathname}?host=${host}&port=${port}`;
  } finally {
    await client.end();
  }
}
