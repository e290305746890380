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

const lockProvider = (tx: Tx): Promise<ProviderRow> =>
  tx.selectFrom("provider").selectAll().forUpdate().executeTakeFirstOrThrow();

export interface Contact {
  readonly accountUuid: string;
  readonly dropletLimit: number;
  readonly simulated: boolean;
}

/**
 * The provider answered. The first account ever met is ours for good; another one behind the token is refused (rule 18).
 * @returns the row before and after, so that the caller can give back the time of an outage that ended
 */
export async function noteContact(
  tx: Tx,
  contact: Contact,
  at: Date,
): Promise<{ before: ProviderRow; after: ProviderRow }> {
  const before = await lockProvider(tx);
  const account = before.account_uuid ?? contact.accountUuid;
  const ours = account === contact.accountUuid;
  const status = ours ? "up" : "wrong_account";
  const after = await tx
    .updateTable("provider")
    .set({
      status,
      reason: ours
        ? null
        : `The token belongs to account ${contact.accountUuid}, this database to ${account}: nothing is done there. Set the right token, or use another database`,
      since: before.status === status ? before.since : at,
      checked_at: at,
      account_uuid: account,
      droplet_limit: contact.dropletLimit,
      simulated: contact.simulated,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { before, after };
}

/** The provider as a whole does not answer, or refuses everything: sagas pause (rule 19). */
export async function noteDown(tx: Tx, reason: string, at: Date): Promise<ProviderRow> {
  const before = await lockProvider(tx);
  return tx
    .updateTable("provider")
    .set({ status: "down", reason, since: before.status === "down" ? before.since : at, checked_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
}
