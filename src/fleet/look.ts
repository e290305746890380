import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import type { Droplet } from "#providers/digitalocean/droplets.ts";
import { isTight } from "#providers/digitalocean/store.ts";
import type { Bookmark } from "#providers/digitalocean/pages.ts";
import { DigitalOceanError, unlessMissing } from "#providers/digitalocean/errors.ts";
import type { Ids } from "#ids.ts";
import { fleetScope, pagesOfFleet, perPage, recordLook, watchedScope } from "#inventory/looks.ts";
import { countFrom } from "#inventory/queries.ts";
import { refresh } from "#inventory/refresh.ts";
import { atOwnAddress } from "#inventory/own-address.ts";
import { recordSightings, settledAmong } from "#inventory/sightings.ts";
import type { Log } from "#log.ts";
import type { Conditions } from "./conditions.ts";
import { keepTurn, takeTurn } from "#provider/turns.ts";
import type { Contact } from "./contact.ts";
import { zoneScope } from "#inventory/zone-records.ts";
import type { Strays } from "./strays.ts";
import { pagePatienceMs } from "./listing-call.ts";
import type { Zones } from "./zones.ts";
import { dropletWatched, wakeAll, watched, watchedDroplets, watchedZones, type Watchers } from "./watchers.ts";

export interface LookOptions extends Watchers {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly contact: Contact;
  readonly strays: Strays;
  readonly conditions: Conditions;
  readonly zones: Pick<Zones, "look">;
  readonly workerId: string;
  readonly installTag: string;
  readonly pollMs: number;
  readonly requestsPerMinute: number;
  readonly requestsPerHour: number;
}

/** How the droplets that are waited for are looked at, and what it costs. */
interface Way {
  readonly kind: "all" | "newest" | "each";
  readonly requests: number;
}

/** How long a look keeps the others from looking that says nothing more; a page says so. Milliseconds. */
const holdsMs = 30_000;
/** While others wait for room, looks take this part of the minute's requests. */
const tightPart = 0.04;

/**
 * The looks at the fleet (rule 24): every worker beats about every poll, and one of them, at most once a poll, looks for
 * all sagas that wait. Nothing is asked while nobody waits.
 */
export function createLooks(options: LookOptions): { beat(signal: AbortSignal): Promise<void> } {
  const { db, clock, workerId, pollMs } = options;
  const bookmark: Bookmark<Droplet> = {};
  /** How many looks at the newest in a row have shown none of them: then they are not where we look for them. */
  let vain = 0;

  const wayTo = async (isForAll: boolean, droplets: readonly number[], pages: number): Promise<Way> => {
    if (isForAll || pages === 1) return { kind: "all", requests: pages };
    const each = droplets.length;
    // As many as are listed from the oldest on, by what we know: of those that are being made, they themselves.
    const listed = Math.max(each, await countFrom(db, Math.min(...droplets)));
    const newest = 1 + Math.floor(listed / perPage);
    if (pages <= Math.min(each, newest)) return { kind: "all", requests: pages };
    if (each <= newest || vain >= mostVain) return { kind: "each", requests: each };
    return { kind: "newest", requests: newest };
  };

  const look = async (way: Way, droplets: readonly number[], pages: number, call: Call): Promise<void> => {
    if (way.kind === "all") return lookAtAll(options, droplets, call, bookmark);
    const begunAt = clock.now();
    const seen =
      way.kind === "each"
        ? await lookAtEach(options, droplets, call)
        : await lookAtNewest(options, droplets, pages, call);
    if (way.kind === "newest") vain = seen === 0 ? vain + 1 : 0;
    const facts = { id: options.ids.uuid(), scope: watchedScope, begun_at: begunAt, finished_at: clock.now() };
    await recordLook(db, { ...facts, found: seen, pages: way.requests });
    await wakeAll(options, db, ...(await settledAmong(db, droplets)).map(dropletWatched));
  };

  /** Who waits there waits for a record to be gone: that is before creates. */
  const lookAtZone = async (zone: string, signal: AbortSignal): Promise<void> => {
    const scope = zoneScope(zone);
    const begunAt = clock.now();
    if (!(await takeTurn(db, scope, workerId, begunAt, holdsMs))) return;
    let requests = 1;
    try {
      requests = await options.zones.look(zone, { priority: "undo", shared: true, patienceMs: pagePatienceMs, signal });
    } catch (error) {
      if (!(error instanceof DigitalOceanError)) throw error;
      if (error.reason === "rate_limited" || error.reason === "aborted") return;
      options.log.warn({ err: error, zone }, "A look at a zone failed; who waits for it looks for itself");
      await options.contact.check(signal);
      await wakeAll(options, db, scope);
    } finally {
      const apartMs = Math.max(pollMs * 0.9, await spacing(options, requests));
      await keepTurn(db, scope, workerId, after(begunAt, apartMs));
    }
  };

  return {
    async beat(signal) {
      if (options.contact.objection() !== undefined) return;
      const { what, urgent } = await watched(db);
      for (const zone of watchedZones(what)) await lookAtZone(zone, signal);
      const droplets = watchedDroplets(what);
      if (!what.has("fleet") && droplets.length === 0) return;
      const pages = await pagesOfFleet(db);
      const way = await wayTo(what.has("fleet"), droplets, pages);
      const begunAt = clock.now();
      if (!(await takeTurn(db, "fleet", workerId, begunAt, holdsMs))) return;
      try {
        await look(way, droplets, pages, {
          priority: urgent ? "undo" : "create",
          shared: true,
          patienceMs: pagePatienceMs,
          signal,
        });
      } catch (error) {
        if (!(error instanceof DigitalOceanError)) throw error;
        if (error.reason === "rate_limited") {
          options.log.debug({ err: error }, "A look at the fleet has no room; it goes on later where it stopped");
          return;
        }
        options.log.warn({ err: error }, "A look at the fleet failed; the next one follows in a poll");
        if (error.reason !== "aborted") await options.contact.check(signal);
      } finally {
        // A little less than the poll, so that the one whose turn it is next time is not late by a hair.
        const apartMs = Math.max(pollMs * 0.9, await spacing(options, way.requests));
        await keepTurn(db, "fleet", workerId, after(begunAt, apartMs));
      }
    },
  };
}

const mostVain = 3;

/**
 * A look that takes many requests comes more rarely: those after its first take at most half of the hour's, and while
 * others wait for room, all of them a small part of the minute's.
 */
async function spacing(
  { db, clock, requestsPerMinute, requestsPerHour }: LookOptions,
  requests: number,
): Promise<number> {
  const rare = ((requests - 1) * 3_600_000) / (requestsPerHour / 2);
  const rarer = (requests * 60_000) / (requestsPerMinute * tightPart);
  return rarer > rare && (await isTight(db, clock.now())) ? rarer : rare;
}

async function lookAtAll(
  options: LookOptions,
  waitedFor: readonly number[],
  call: Call,
  bookmark: Bookmark<Droplet>,
): Promise<void> {
  const { db, clock, ids } = options;
  const listing = await options.digitalOcean.droplets.list({ tag_name: options.installTag }, call, {
    bookmark,
    async onPage(items, begunAt) {
      await show(db, items, begunAt);
      await keepTurn(db, "fleet", options.workerId, after(clock.now(), holdsMs));
    },
  });
  const unreadable = listing.unreadable.map(({ id }) => id);
  // It proves nothing absent where it could not even tell apart what it shows: that is there, and may be any of ours.
  if (unreadable.every((id) => id !== undefined))
    await recordLook(db, {
      id: ids.uuid(),
      scope: fleetScope,
      begun_at: listing.begunAt,
      finished_at: clock.now(),
      found: listing.items.length,
      pages: listing.pages,
      unreadable,
    });
  // Committed before anybody is woken for it: who waits is many, and the look is for all.
  const settled = await settledAmong(db, waitedFor);
  await wakeAll(options, db, "fleet", ...settled.map(dropletWatched));
  await options.strays.examine(listing.items, listing.begunAt);
  await options.conditions.droplets(listing);
}

const show = (db: Db, droplets: readonly Droplet[], begunAt: Date): Promise<void> =>
  transact(db, async (tx) => {
    const shown = await atOwnAddress(tx, droplets);
    await recordSightings(tx, shown, begunAt);
    await refresh(tx, shown, begunAt);
  });

/**
 * The last pages, where the newest are, back to that of the oldest that is waited for.
 * @returns how many of those that are waited for were shown
 */
async function lookAtNewest(
  { db, digitalOcean, installTag }: LookOptions,
  droplets: readonly number[],
  pages: number,
  call: Call,
): Promise<number> {
  const waitedFor = new Set(droplets);
  const oldest = Math.min(...droplets);
  let seen = 0;
  const read = async (page: number) => {
    const shown = await digitalOcean.droplets.page({ tag_name: installTag }, page, call);
    await show(db, shown.items, shown.begunAt);
    seen += shown.items.filter(({ id }) => waitedFor.has(id)).length;
    return shown;
  };
  const last = await read(pages);
  const lastPage = Math.ceil(last.total / perPage);
  for (let page = pages + 1; page <= lastPage; page += 1) await read(page);
  let first = last;
  for (let page = pages - 1; page > 0 && !first.items.some(({ id }) => id <= oldest); page -= 1) {
    // From here on asking for each is cheaper.
    if (pages - page >= droplets.length) break;
    first = await read(page);
  }
  return seen;
}

/** With few waiting and a large fleet, a GET for each costs less than the pages. @returns how many were shown */
async function lookAtEach(
  { db, clock, digitalOcean }: LookOptions,
  droplets: readonly number[],
  call: Call,
): Promise<number> {
  let seen = 0;
  for (const id of droplets) {
    const begunAt = clock.now();
    const found = await unlessMissing(digitalOcean.droplets.get(id, call));
    // Not there yet, or not any more: the saga that waits decides which, with looks of its own.
    if (!found) continue;
    seen += 1;
    await recordSightings(db, await atOwnAddress(db, [found]), begunAt);
  }
  return seen;
}
