import type { Saga } from "#api/sagas.ts";
import type { Tx } from "#db/connection.ts";
import { findSaga } from "#saga-queries/queries.ts";
import { notFound } from "#refusal.ts";
import { presentSaga } from "./present.ts";

/** @throws {Refusal} `not_found`, also when the saga is another tenant's */
export async function showSaga(db: Tx, id: string, tenantId: string | null): Promise<Saga> {
  const row = await findSaga(db, id, tenantId);
  if (!row) throw notFound("saga", id);
  return presentSaga(row);
}
