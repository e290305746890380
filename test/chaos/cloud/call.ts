import type { Store } from "./store.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes out as it is, as HTML. */
  readonly body?: object | string;
}

/** One request, and when what it does takes effect: later, or `never`, where it is lied about. */
export interface Call {
  readonly store: Store;
  readonly now: number;
  readonly from: number;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** In [0, 1): each is another one. */
  readonly draw: () => number;
  /** No more lies: what is asked for is done at once, and shown. */
  readonly isCalm: boolean;
}

export const problem = (status: number, id: string, message: string): Answer => ({ status, body: { id, message } });

export const notFound = (): Answer => problem(404, "not_found", "The resource you were accessing could not be found.");

export const refused = (message: string): Answer => problem(422, "unprocessable_entity", message);

export const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const host = "https://api.digitalocean.com";

/** A page of a collection, under its key. */
export function pageOf<T>({ path, query }: Call, key: string, all: readonly T[], view: (it: T) => object): Answer {
  const perPage = Math.min(200, Math.max(1, Number(query.get("per_page")) || 20));
  const page = Math.max(1, Number(query.get("page")) || 1);
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const link = (to: number) => {
    const asked = new URLSearchParams(query);
    asked.set("page", `${to}`);
    return `${host}/v2/${path.join("/")}?${asked}`;
  };
  const pages = {
    ...(page > 1 && { first: link(1), prev: link(page - 1) }),
    ...(page < last && { next: link(page + 1), last: link(last) }),
  };
  return {
    status: 200,
    body: {
      [key]: all.slice((page - 1) * perPage, page * perPage).map(view),
      links: last === 1 ? {} : { pages },
      meta: { total: all.length },
    },
  };
}
