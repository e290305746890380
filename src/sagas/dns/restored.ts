import { sql } from "kysely";
import type { Attempt } from "#engine/step.ts";
import type { World } from "../step-context.ts";

/** Whether the saga came out of a backup: what it did after that, its rows do not know. Asked only in a conflict. */
export async function wasRestored(io: World & Pick<Attempt<unknown>, "saga">): Promise<boolean> {
  const event = await io.db
    .selectFrom("saga_events")
    .select("sequence")
    .where("saga_id", "=", io.saga.id)
    .where(sql<boolean>`data->>'restored' = 'true'`)
    .limit(1)
    .executeTakeFirst();
  return event !== undefined;
}
