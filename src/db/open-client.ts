import pg from "pg";
import { type Session, settle } from "./session.ts";
import type { Patience } from "./settings.ts";

export interface OpenClient extends Session {
  readonly client: pg.Client;
}

/** A connection beside the pool's, set to what we rely on. The caller ends it. */
export async function openClient(
  connection: pg.ClientConfig & { readonly connectionString: string; readonly application_name: string },
  patience: Patience,
): Promise<OpenClient> {
  const client = new pg.Client({ connectionTimeoutMillis: 20_000, ...connection });
  // One that breaks fails its query as well; unheard, the event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return { client, ...(await settle(client, patience)) };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
