import { sql } from "kysely";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { ring } from "#engine/store.ts";

/** What waking the sagas that watch for something needs. */
export interface Watchers {
  readonly clock: Clock;
}

export interface Watched {
  /** "fleet", "provider" and "droplet:<id>". */
  readonly what: ReadonlySet<string>;
  /** Whether one that undoes or destroys waits for a look at droplets: it comes before creates then (rule 28). */
  readonly urgent: boolean;
}

/** What sagas that wait are watching for. */
export async function watched(db: Db): Promise<Watched> {
  const rows = await db
    .selectFrom("sagas")
    .select(["watching", sql<boolean>`bool_or(direction = 'back' or provider_id is not null)`.as("undoes")])
    .groupBy("watching")
    .where("watching", "is not", null)
    .where("status", "in", ["waiting", "compensating"])
    .execute();
  return {
    what: new Set(rows.flatMap((row) => row.watching ?? [])),
    urgent: rows.some(({ watching, undoes }) => undoes && /^(?:fleet$|droplet:)/.test(watching ?? "")),
  };
}

export const dropletWatched = (id: number): string => `droplet:${id}`;

/** The droplets among what is watched. */
export const watchedDroplets = (watching: ReadonlySet<string>): number[] =>
  [...watching].filter((what) => what.startsWith("droplet:")).map((what) => Number(what.slice("droplet:".length)));

/** The zones among what is watched. */
export const watchedZones = (watching: ReadonlySet<string>): string[] =>
  [...watching].filter((what) => what.startsWith("zone:")).map((what) => what.slice("zone:".length));

/** Few enough that none of them is locked for long. */
const atOnce = 50;

/** Wakes whoever waits for `what`, in transactions of its own. */
export async function wakeAll(watchers: Watchers, db: Db, ...what: string[]): Promise<void> {
  if (what.length === 0) return;
  for (;;) {
    const woken = await transact(db, (tx) => wakeWatchers(watchers, tx, ...what));
    if (woken < atOnce) return;
  }
}

/** Wakes some who wait for `what`. One that is being run just now is left alone: it sees for itself. @returns how many */
async function wakeWatchers({ clock }: Watchers, tx: Tx, ...what: string[]): Promise<number> {
  const now = clock.now();
  const rows = await tx
    .selectFrom("sagas")
    .select("id")
    .where("watching", "in", what)
    .where("status", "in", ["waiting", "compensating"])
    .where("lease_owner", "is", null)
    .where("due_at", ">", now)
    .orderBy("id")
    .limit(atOnce)
    .forUpdate()
    .skipLocked()
    .execute();
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await tx.updateTable("sagas").set({ due_at: now }).where("id", "in", ids).execute();
  await ring(tx);
  return rows.length;
}
