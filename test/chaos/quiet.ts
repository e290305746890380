import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { systemClock } from "#clock.ts";
import { type ChoreQueue, choreQueue } from "#engine/chores.ts";
import { dueForRecheck } from "#resources/rechecks.ts";
import { cloudAt, calm } from "./cloud-control.ts";
import type { Installation } from "./installation.ts";
import type { Say } from "./storm.ts";

/** For whatever is waited for. Milliseconds. */
const longestMs = 300_000;

/** No more lies, nothing under way any more, and everything looked at once more. */
export async function quieten(installation: Installation, say: Say): Promise<void> {
  const { restless_until: restlessUntil } = await calm(installation.cloudUrl);
  await untilEnded(installation);
  say(`all sagas have ended, the provider rests in ${Math.max(0, restlessUntil - Date.now())} ms`);
  await sleep(Math.max(0, restlessUntil - Date.now()));
  const queue = choreQueue(installation.database.db, systemClock);
  await perform(installation, queue, "sync");
  await recheckAll(installation, queue);
  await perform(installation, queue, "sync");
  const rest = await cloudAt(installation.cloudUrl);
  await sleep(Math.max(0, rest.restless_until - Date.now()));
}

/** Has a worker do what one does for all, and waits for the sagas that come of it. */
async function perform(installation: Installation, queue: ChoreQueue, chore: string): Promise<void> {
  const { db } = installation.database;
  await db.transaction().execute((tx) => queue.requestChore(tx, chore));
  await until(`the chore ${chore}`, async () => {
    const asked = await db.selectFrom("chores").select("asked").where("name", "=", chore).executeTakeFirst();
    return asked?.asked === null;
  });
  await untilEnded(installation);
}

/** What is looked at again in 15 minutes, 2 hours or a day is looked at now: the time between would only be waited. */
async function recheckAll(installation: Installation, queue: ChoreQueue): Promise<void> {
  const { db } = installation.database;
  const { now } = await db.selectNoFrom(sql<Date>`now()`.as("now")).executeTakeFirstOrThrow();
  for (const table of ["provider_resources", "provider_changes"] as const)
    await db.updateTable(table).set({ recheck_at: now }).where("recheck_at", ">", now).execute();
  do await perform(installation, queue, "recheck");
  while ((await dueForRecheck(db, now, 1)).length > 0);
}

async function untilEnded({ database: { db } }: Installation): Promise<void> {
  await until("every saga's end", async () => {
    const live = await db
      .selectFrom("sagas")
      .select("id")
      .where("status", "not in", ["completed", "rolled_back", "stuck"])
      .limit(1)
      .execute();
    return live.length === 0;
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + longestMs;
  while (!(await isSo())) {
    if (Date.now() > limit) throw new Error(`Waited for ${what} for ${longestMs / 1000} s in vain`);
    await sleep(300);
  }
}
