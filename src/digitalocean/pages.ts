import { z } from "zod";
import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import type { Http } from "./http.ts";
import type { Query } from "./request.ts";

/** The most that DigitalOcean gives at once. */
const perPage = 200;

export interface Listing<T> {
  readonly items: readonly T[];
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
   * Nothing is concluded from an item's absence: one that is not understood is left out, and logged. Otherwise it
   * refuses the listing, since a droplet or a record that is left out is one that is believed to be gone.
   */
  readonly absence?: "means nothing";
}

export type ListPaginated = <T>(route: string, list: List<T>, call: Call) => Promise<Listing<T>>;

interface Reader {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads a collection page by page, by number: links in an answer are never followed. A listing whose distinct items do
 * not add up to its `meta.total`, or whose total changed while it was read, is read once more from the start; then it
 * must add up.
 * @throws {DigitalOceanError} `incomplete_listing`, and whatever a request throws.
 */
export function createListPaginated(http: Http, reader: Reader): ListPaginated {
  return async (route, list, call) => {
    const first = await readAll(http, reader, route, list, call);
    if (first.isComplete && first.isSteady) return first.listing;
    const second = await readAll(http, reader, route, list, call);
    if (second.isComplete) return second.listing;
    throw new DigitalOceanError(
      `the listing is incomplete, also when read again: ${second.found} distinct items on ${second.listing.pages} pages, ${second.total} announced`,
      { method: "GET", route, path: list.path, reason: "incomplete_listing", effect: "none" },
    );
  };
}

async function readAll<T>(http: Http, { clock, log }: Reader, route: string, list: List<T>, call: Call) {
  const { key, path = {}, params, identity } = list;
  const schema = pageSchema(list);
  const begunAt = clock.now();
  const items = new Map<string | number, T>();
  const totals = new Set<number>();
  const faults: string[] = [];
  for (let pages = 1; ; pages += 1) {
    const query = { ...params, page: pages, per_page: perPage };
    const page = await http.send({ method: "GET", route, path, query, schema }, call);
    const before = items.size + faults.length;
    for (const item of page.items) items.set(identity(item), item);
    totals.add(page.total);
    faults.push(...page.faults);
    const found = items.size + faults.length;
    // A page that brings nothing new ends it too: the total may be wrong, or the server may ignore page numbers.
    if (found < page.total && found > before) continue;
    if (faults.length > 0) log.warn({ route, faults: faults.slice(0, 3) }, `Left out of the ${key}: not understood`);
    const listing: Listing<T> = { items: [...items.values()], begunAt, pages };
    return { listing, found, total: page.total, isComplete: found === page.total, isSteady: totals.size === 1 };
  }
}

interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
  /** One for each item that was left out. */
  readonly faults: readonly string[];
}

function pageSchema<T>({ key, schema, absence }: List<T>) {
  return z.looseObject({ meta: z.object({ total: z.int() }) }).transform((body, context): Page<T> => {
    const listed = z.array(z.unknown()).safeParse(body[key]);
    if (!listed.success) {
      for (const { message } of listed.error.issues) context.addIssue({ code: "custom", path: [key], message });
      return z.NEVER;
    }
    const items: T[] = [];
    const faults: string[] = [];
    for (const [index, item] of listed.data.entries()) {
      const parsed = schema.safeParse(item);
      if (parsed.success) items.push(parsed.data);
      else if (absence) faults.push(parsed.error.issues.map((it) => told(key, index, it)).join("; "));
      else {
        for (const { path, message } of parsed.error.issues)
          context.addIssue({ code: "custom", path: [key, index, ...path], message });
      }
    }
    return { total: body.meta.total, items, faults };
  });
}

const told = (key: string, index: number, { path, message }: z.core.$ZodIssue): string =>
  `${[key, index, ...path].join(".")}: ${message}`;
