import type { Call, Reply } from "./call.ts";
import { unprocessable } from "./errors.ts";

const maxPerPage = 200;

function wholeNumber(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null || text === "") return fallback;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw unprocessable(`${name} must be a whole number of at least 1`);
  return Number(text);
}

/**
 * One page as DigitalOcean sends it: 20 items unless `per_page` says otherwise, at most 200 (more is cut to 200
 * without a word), `meta.total` always, and only the links that make sense.
 */
export function page<T>(call: Call, key: string, items: readonly T[], view: (item: T) => unknown): Reply {
  const number = wholeNumber(call.query, "page", 1);
  const size = Math.min(wholeNumber(call.query, "per_page", 20), maxPerPage);
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((number - 1) * size, number * size);
  const pages = linksTo(call, number, last, size);
  const links = Object.keys(pages).length > 0 ? { pages } : {};
  return { status: 200, body: { [key]: shown.map(view), links, meta: { total: items.length } } };
}

function linksTo(call: Call, number: number, last: number, size: number): Record<string, string> {
  const link = (target: number): string => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(target));
    query.set("per_page", String(size));
    return `${call.origin}${call.path}?${query}`;
  };
  const pages: Record<string, string> = {};
  if (number > 1) {
    pages.first = link(1);
    pages.prev = link(Math.min(number - 1, last));
  }
  if (number < last) {
    pages.next = link(number + 1);
    pages.last = link(last);
  }
  return pages;
}
