import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { WakeUps } from "#engine/engine.ts";

/** What waking the sagas that watch for something needs. */
export interface Watchers {
  readonly clock: Clock;
  readonly wakeUps: Pick<WakeUps, "wake">;
}

/** What sagas that wait are watching for: "fleet", "provider" and "droplet:<id>". */
export async function watched(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom("sagas")
    .select("watching")
    .distinct()
    .where("watching", "is not", null)
    .where("status", "in", ["waiting", "compensating"])
    .execute();
  return new Set(rows.flatMap((row) => row.watching ?? []));
}

export const dropletWatched = (id: number): string => `droplet:${id}`;

/** The droplets among what is watched. */
export const watchedDroplets = (watching: ReadonlySet<string>): number[] =>
  [...watching].filter((what) => what.startsWith("droplet:")).map((what) => Number(what.slice("droplet:".length)));

/** Wakes whoever waits for `what`. One that is being run just now is left alone: it sees for itself. */
export async function wakeWatchers({ clock, wakeUps }: Watchers, tx: Tx, ...what: string[]): Promise<void> {
  if (what.length === 0) return;
  const now = clock.now();
  const rows = await tx
    .selectFrom("sagas")
    .select(["id", "wake_at"])
    .where("watching", "in", what)
    .where("status", "in", ["waiting", "compensating"])
    .where("wake_at", ">", now)
    .orderBy("id")
    .forUpdate()
    .skipLocked()
    .execute();
  for (const { id } of rows) {
    await tx.updateTable("sagas").set({ wake_at: now }).where("id", "=", id).execute();
    await wakeUps.wake(tx, id, now);
  }
}
