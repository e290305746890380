import pg from "pg";
import { type Session, settle } from "./session.ts";
import type { Patience } from "./settings.ts";
import { breakSilent, onSilence } from "./silence.ts";

export interface OpenClient extends Session {
  readonly client: pg.Client;
}

/** A connection beside the pool's, set to what we rely on. The caller ends it. */
export async function openClient(
  connection: pg.ClientConfig & { readonly connectionString: string; readonly application_name: string },
  patience: Patience,
): Promise<OpenClient> {
  const { connectionTimeoutMillis: ms = 20_000 } = connection;
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: ms });
  // One that breaks fails its query as well; unheard, the event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    onSilence(client, ms, () => breakSilent(client, ms));
    const session = await settle(client, patience);
    onSilence(client, 0);
    return { client, ...session };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
