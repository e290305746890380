import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Ids } from "#ids.ts";
import { fleetScope, recordLook } from "#inventory/looks.ts";
import { refresh } from "#inventory/refresh.ts";
import { recordSightings, settledAmong } from "#inventory/sightings.ts";
import type { Log } from "#log.ts";
import { takeTurn } from "#provider/turns.ts";
import type { Conditions } from "./conditions.ts";
import type { Contact } from "./contact.ts";
import type { Strays } from "./strays.ts";
import { dropletWatched, wakeAll, watched, watchedDroplets, type Watchers } from "./watchers.ts";

const perPage = 200;

export interface LookOptions extends Watchers {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly contact: Contact;
  readonly strays: Strays;
  readonly conditions: Conditions;
  readonly workerId: string;
  readonly installTag: string;
  readonly pollMs: number;
  readonly requestsPerHour: number;
}

/**
 * One beat of the fleet look (rule 24): every worker calls it about every poll, and one of them, at most once a
 * poll, lists the install's droplets for all sagas that wait. Nothing is asked while nobody waits.
 */
export async function beat(options: LookOptions, signal: AbortSignal): Promise<void> {
  const { db, clock, workerId, pollMs } = options;
  // A little less than the poll, so that the one whose turn it is next time is not late by a hair.
  const turnMs = pollMs * 0.9;
  if (options.contact.objection() !== undefined) return;
  const { what, urgent } = await watched(db);
  const droplets = watchedDroplets(what);
  if (!what.has("fleet") && droplets.length === 0) return;
  const pages = await pagesExpected(options);
  if (!(await takeTurn(db, "fleet", workerId, clock.now(), Math.max(turnMs, spacing(options, pages))))) return;
  const call: Call = { priority: urgent ? "undo" : "wait", signal };
  try {
    if (!what.has("fleet") && droplets.length < pages) await lookAtEach(options, droplets, call);
    else await lookAtAll(options, droplets, call);
  } catch (error) {
    if (!(error instanceof DigitalOceanError)) throw error;
    options.log.warn({ err: error }, "A look at the fleet failed; the next one follows in a poll");
    if (error.reason !== "rate_limited" && error.reason !== "aborted") await options.contact.check(signal);
  }
}

/** A large fleet is looked at more rarely: the pages after the first take at most half of the hour's requests. */
const spacing = ({ requestsPerHour }: LookOptions, pages: number): number =>
  ((pages - 1) * 3_600_000) / (requestsPerHour / 2);

/** How many pages the listing took the last time. */
async function pagesExpected({ db }: LookOptions): Promise<number> {
  const last = await db
    .selectFrom("looks")
    .select("found")
    .where("scope", "=", fleetScope)
    .orderBy("begun_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return Math.max(1, Math.ceil((last?.found ?? 0) / perPage));
}

async function lookAtAll(options: LookOptions, waitedFor: readonly number[], call: Call): Promise<void> {
  const { db, clock, ids } = options;
  const listing = await options.digitalOcean.droplets.list({ tag_name: options.installTag }, call);
  await transact(db, async (tx) => {
    await recordSightings(tx, listing.items, listing.begunAt);
    await refresh(tx, listing.items, listing.begunAt);
    const unreadable = listing.unreadable.map(({ id }) => id);
    // It proves nothing absent: what it could not even tell apart is there, and may be any of ours.
    if (!unreadable.every((id) => id !== undefined)) return;
    await recordLook(tx, {
      id: ids.uuid(),
      scope: fleetScope,
      begun_at: listing.begunAt,
      finished_at: clock.now(),
      found: listing.items.length,
      pages: listing.pages,
      unreadable,
    });
  });
  // Committed before anybody is woken for it: who waits is many, and the look is for all.
  const settled = await settledAmong(db, waitedFor);
  await wakeAll(options, db, "fleet", ...settled.map(dropletWatched));
  await options.strays.examine(listing.items, listing.begunAt);
  await options.conditions.droplets(listing);
}

/** With few waiting and a large fleet, a GET for each costs less than the pages. */
async function lookAtEach(options: LookOptions, droplets: readonly number[], call: Call): Promise<void> {
  const { db, clock } = options;
  for (const id of droplets) {
    const begunAt = clock.now();
    const found = await options.digitalOcean.droplets.get(id, call).catch((error: unknown) => {
      // Not there yet, or not any more: the saga that waits decides which, with looks of its own.
      if (error instanceof DigitalOceanError && error.reason === "not_found") return undefined;
      throw error;
    });
    if (found) await recordSightings(db, [found], begunAt);
  }
  const settled = await settledAmong(db, droplets);
  await wakeAll(options, db, ...settled.map(dropletWatched));
}
