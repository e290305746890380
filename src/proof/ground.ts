import { openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { cloneDatabase, dropDatabase, type TestServer } from "./server.ts";
import { openProofDatabase, type ProofDatabase } from "./stage/database.ts";

export interface ProofGround {
  readonly database: ProofDatabase;
  close(): Promise<void>;
}

/** A database of its own to run proofs in, one after the other. @param name of letters, digits and `_` */
export async function openGround(server: TestServer, name: string): Promise<ProofGround> {
  const { pool } = openDatabase(await cloneDatabase(server, name), { log: openLog("error"), max: 1 });
  const client = await pool.connect();
  return {
    database: await openProofDatabase(client),
    async close() {
      client.release();
      await pool.end();
      await dropDatabase(server, name);
    },
  };
}
