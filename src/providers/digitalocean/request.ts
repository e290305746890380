import type { z } from "zod";

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Query = Readonly<Record<string, string | number | undefined>>;

/** One call of the provider's API. `schema` is absent where the answer has no body of interest (204). */
export interface Request<T> {
  readonly method: Method;
  /** The path as a template, `/v2/droplets/{id}`: what logs and errors name. */
  readonly route: string;
  /** What goes into the template's braces. */
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Query;
  readonly body?: object;
  readonly schema: z.ZodType<T>;
  /** Not repeated after an answer that leaves open what it did: the caller looks first, and keeps its own distance. */
  readonly once?: boolean;
  /** Parts of the body that must not appear in an error, should the answer quote them. */
  readonly secrets?: readonly string[];
}

/** The path and query of a request, every value encoded. */
export function pathOf(request: Request<unknown>): string {
  const path = request.route.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(request.path?.[name] ?? "");
    // An empty or a dotted segment would name another resource: a collection, or the parent.
    if (value === "" || value === "." || value === "..") {
      throw new TypeError(`${request.method} ${request.route} needs a ${name}; got "${value}"`);
    }
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}
