import type { Selectable } from "kysely";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Provider } from "#db/schema.ts";
import type { Ids } from "#ids.ts";

export type ProviderRow = Selectable<Provider>;

/** Who we are to the provider: in every tag that we write, so made once and never changed. */
export async function installationId(db: Db, ids: Ids, clock: Clock): Promise<string> {
  await db
    .insertInto("installation")
    .values({ id: ids.uuid(), created_at: clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await db.selectFrom("installation").select("id").executeTakeFirstOrThrow()).id;
}

export const readProvider = (db: Db | Tx): Promise<ProviderRow> =>
  db.selectFrom("provider").selectAll().executeTakeFirstOrThrow();

/** What the provider is as a whole changes only under this lock. */
export const lockProvider = (tx: Tx): Promise<ProviderRow> =>
  tx.selectFrom("provider").selectAll().forUpdate().executeTakeFirstOrThrow();
