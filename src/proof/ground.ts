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
  const url = await cloneDatabase(server, name);
  await prepare?.(url);
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
