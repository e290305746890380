import type { z } from "zod";
import { after, type Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import type { Http } from "./http.ts";
import { type Page, pageSchema, type Unreadable } from "./page-body.ts";
import type { Query } from "./request.ts";

/** The most that DigitalOcean gives at once. */
const perPage = 200;
/** Four times what the largest account of ours may have; it is held in memory. What announces more is not a listing. */
const mostItems = 500_000;
/** What all that is kept of a listing may weigh, by `weightOf`: twice what the largest account of ours comes to. */
const mostWeight = 128 * 1024 * 1024;
/** How long after its first page a listing that had to stop is gone on with: longer than a minute's limit. Milliseconds. */
const resumesWithinMs = 10 * 60_000;
/** Only the last page is not full; two more are put up with. */
const mostShort = 3;
/** So many pages more than were announced at first are put up with: that much may be made while we read. */
const mostGrowth = 3;

export interface Listing<T> {
  readonly items: readonly T[];
  /**
   * What was listed and is not understood; never of what is refused or may be left out. What is among these is there:
   * nothing that one of them may be is absent.
   */
  readonly unreadable: readonly Unreadable[];
  /** The listing shows nothing older than this: just before its first request. */
  readonly begunAt: Date;
  /** How many requests it took. */
  readonly pages: number;
}

export interface List<T> {
  /** The caller's own parameters, sent with every page. */
  readonly params?: Query;
  /** What goes into the braces of the route. */
  readonly path?: Readonly<Record<string, string | number>>;
  /** The property that holds the items: `droplets`. */
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** What makes an item the same on two pages. */
  readonly identity: (item: T) => string | number;
  /**
   * What becomes of an item that is not understood. `leave out`: nothing is concluded from its absence. `tell`: it
   * stands in `unreadable`, and the caller concludes no absence from it. `refuse` the listing: what would be left out
   * is what the caller decides by.
   */
  readonly oddItem: (item: unknown) => "leave out" | "tell" | "refuse";
  readonly onPage?: OnPage<T> | undefined;
  readonly bookmark?: Bookmark<T> | undefined;
}

/** A page's items, which show nothing older than its own time. */
export type OnPage<T> = (items: readonly T[], begunAt: Date) => Promise<void>;

/** Where a listing had to stop because there was no room for its next page: handed in again, it goes on there. */
export interface Bookmark<T> {
  reading?: Reading<T>;
}

/** A listing as far as it has been read. */
export interface Reading<T> {
  readonly begunAt: Date;
  readonly items: Map<string | number, T>;
  readonly unreadable: Map<string | number, Unreadable>;
  readonly totals: Set<number>;
  pages: number;
  weight: number;
  short: number;
  mostPages: number;
}

const newReading = <T>(begunAt: Date): Reading<T> => ({
  begunAt,
  items: new Map(),
  unreadable: new Map(),
  totals: new Set(),
  pages: 0,
  weight: 0,
  short: 0,
  mostPages: 1,
});

/** Roughly the bytes of memory that a value takes. */
const weightOf = (it: unknown): number => {
  if (typeof it === "string") return 8 + it.length;
  if (typeof it !== "object" || it === null) return 8;
  return Object.values(it).reduce<number>((sum, part) => sum + weightOf(part), 8);
};

export type ListPaginated = <T>(route: string, list: List<T>, call: Call) => Promise<Listing<T>>;

interface Reader {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads a collection page by page, by number: links in an answer are never followed, and no `meta.total` makes it read
 * on: it ends with the first page that brings nothing new, the third that is not full, or the third beyond what the first
 * announced. A listing whose distinct items do not add up
 * to its total, or whose total changed while it was read, is read once more from the start; then it must add up.
 * @throws {DigitalOceanError} `incomplete_listing`, and whatever a request throws.
 */
export function createListPaginated(http: Http, reader: Reader): ListPaginated {
  return async (route, list, call) => {
    const first = await readAll(http, reader, route, list, call);
    if (first.isComplete && first.isSteady) return first.listing;
    const second = await readAll(http, reader, route, list, call);
    if (second.isComplete) return second.listing;
    throw incomplete(
      route,
      list,
      `also when read again: ${second.found} distinct items on ${second.listing.pages} pages, ${second.total} announced`,
    );
  };
}

const incomplete = (route: string, { path }: Pick<List<unknown>, "path">, why: string): DigitalOceanError =>
  new DigitalOceanError(`the listing is incomplete, ${why}`, {
    method: "GET",
    route,
    path,
    reason: "incomplete_listing",
    effect: "none",
  });

async function readAll<T>(http: Http, { clock, log }: Reader, route: string, list: List<T>, call: Call) {
  const { key, path = {}, params, identity, bookmark = {} } = list;
  const schema = pageSchema(list, perPage);
  const now = clock.now();
  const marked = bookmark.reading;
  const reading = marked && after(marked.begunAt, resumesWithinMs) > now ? marked : newReading<T>(now);
  delete bookmark.reading;
  const { begunAt, items, unreadable, totals } = reading;
  for (;;) {
    const page = reading.pages + 1;
    if (page > reading.mostPages)
      throw incomplete(
        route,
        list,
        `it goes on after ${reading.mostPages} pages of ${perPage}; nothing of it was used`,
      );
    const query = { ...params, page, per_page: perPage };
    const pageBegunAt = clock.now();
    const shown: Page<T> = await http
      .send({ method: "GET", route, path, query, schema }, call)
      .catch((error: unknown) => {
        // The pages that were read are not lost for the one that there was no room for.
        if (error instanceof DigitalOceanError && error.reason === "rate_limited") bookmark.reading = reading;
        throw error;
      });
    if (shown.total > mostItems)
      throw incomplete(route, list, `it announces ${shown.total} items, more than the ${mostItems} that are read`);
    reading.weight += weightOf(shown);
    if (reading.weight > mostWeight)
      throw incomplete(
        route,
        list,
        `its first ${page} pages hold more than ${mostWeight / 1024 ** 2} MiB; no more of it is read, and nothing is concluded from it`,
      );
    await list.onPage?.(shown.items, pageBegunAt);
    reading.pages = page;
    if (page === 1) reading.mostPages = Math.ceil(shown.total / perPage) + mostGrowth;
    const before = items.size + unreadable.size;
    for (const item of shown.items) items.set(identity(item), item);
    // One whose id cannot be read counts by its place.
    for (const it of shown.unreadable) unreadable.set(it.id ?? `${page}: ${it.fault}`, it);
    totals.add(shown.total);
    if (shown.length < perPage) reading.short += 1;
    const found = items.size + unreadable.size;
    if (reading.short < mostShort && found < shown.total && found > before) continue;
    const odd = [...unreadable.values()];
    if (odd.length > 0) {
      const faults = odd.slice(0, 3).map(({ fault }) => fault);
      log.warn({ route, faults, count: odd.length }, `Left out of the ${key}: not understood`);
    }
    const listing: Listing<T> = {
      items: [...items.values()],
      unreadable: odd.filter(({ mayBeLeftOut }) => !mayBeLeftOut),
      begunAt,
      pages: page,
    };
    return { listing, found, total: shown.total, isComplete: found === shown.total, isSteady: totals.size === 1 };
  }
}

/** One page of a collection, by itself: it shows what it shows, and nothing absent. */
export type ReadPage = <T>(route: string, list: List<T>, page: number, call: Call) => Promise<Shown<T>>;

export interface Shown<T> {
  readonly items: readonly T[];
  /** Of the whole collection. */
  readonly total: number;
  readonly begunAt: Date;
}

export const createReadPage =
  (http: Http, { clock }: Reader): ReadPage =>
  async (route, list, page, call) => {
    const begunAt = clock.now();
    const query = { ...list.params, page, per_page: perPage };
    const schema = pageSchema(list, perPage);
    const { items, total } = await http.send({ method: "GET", route, path: list.path ?? {}, query, schema }, call);
    return { items, total, begunAt };
  };
