import { z } from "zod";
import type { Clock } from "#clock.ts";
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
}

export type ListPaginated = <T>(route: string, list: List<T>, call: Call) => Promise<Listing<T>>;

/**
 * Reads a collection page by page, by number: links in an answer are never followed. A listing whose distinct
 * items do not add up to its `meta.total` is read once more from the start, then refused.
 * @throws {DigitalOceanError} `incomplete_listing`, and whatever a request throws.
 */
export function createListPaginated(http: Http, clock: Clock): ListPaginated {
  return async (route, list, call) => {
    const first = await readAll(http, clock, route, list, call);
    if (first.items.length === first.total) return first;
    const second = await readAll(http, clock, route, list, call);
    if (second.items.length === second.total) return second;
    throw new DigitalOceanError(
      `the listing is incomplete, also when read again: ${second.items.length} distinct items on ${second.pages} pages, ${second.total} announced`,
      { method: "GET", route, reason: "incomplete_listing", effect: "none" },
    );
  };
}

async function readAll<T>(http: Http, clock: Clock, route: string, list: List<T>, call: Call) {
  const { key, path = {}, params, identity } = list;
  const schema = pageSchema(key, list.schema);
  const begunAt = clock.now();
  const items = new Map<string | number, T>();
  for (let pages = 1; ; pages += 1) {
    const query = { ...params, page: pages, per_page: perPage };
    const page = await http.send({ method: "GET", route, path, query, schema }, call);
    const before = items.size;
    for (const item of page.items) items.set(identity(item), item);
    // A page that brings nothing new ends it too: the total may be wrong, or the server may ignore page numbers.
    if (items.size >= page.total || items.size === before) {
      return { items: [...items.values()], begunAt, pages, total: page.total };
    }
  }
}

function pageSchema<T>(key: string, item: z.ZodType<T>) {
  const array = z.array(item);
  return z
    .looseObject({ meta: z.object({ total: z.int() }) })
    .transform((body, context): { total: number; items: T[] } => {
      const items = array.safeParse(body[key]);
      if (items.success) return { total: body.meta.total, items: items.data };
      for (const { path, message } of items.error.issues) {
        context.addIssue({ code: "custom", path: [key, ...path], message });
      }
      return z.NEVER;
    });
}
