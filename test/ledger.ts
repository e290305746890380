import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { fresh, type Held, type NewRow, open } from "#resources/ledger.ts";

interface Where {
  readonly db: Db;
  readonly ids: Ids;
}
type Change = Partial<NewRow<object>>;

/** A row of the ledger as if a saga's step had written it. @returns a way to change it */
async function hold({ db, ids }: Where, row: Omit<NewRow<object>, "id" | "origin" | "phase"> & Change) {
  const written: Held<object> = fresh({ id: ids.uuid(), origin: "made", phase: "sending", ...row }, new Date());
  await db.transaction().execute((tx) => open(tx, written));
  return (change: Omit<Change, "handle">) =>
    db.updateTable("provider_resources").set(change).where("id", "=", written.id).execute();
}

/** That the saga's create_droplet has asked for a droplet. */
export const holdDroplet = (where: Where, sagaId: string, name: string, row: Change = {}) =>
  hold(where, { saga_id: sagaId, step: "create_droplet", kind: "droplet", handle: handleOf(sagaId, name), ...row });

/** That the saga's point_deployment_dns has asked for a record of example.com. */
export const holdRecord = (where: Where, sagaId: string, name: string, data: string, row: Change = {}) => {
  const handle = { zone: "example.com", name, hostname: `${name}.example.com`, type: "A", data, ttl: 300 };
  return hold(where, { saga_id: sagaId, step: "point_deployment_dns", kind: "dns_record", handle, ...row });
};
