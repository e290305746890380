import { useSyncExternalStore } from "react";

/** Where the page is: `#/deployments/<id>?status=active`. Behind the hash, so the server knows one page only. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    // A hand-typed address that is no percent-encoding is taken as it is.
    return part;
  }
};

export function hrefOf(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const text = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#/${path.map(encodeURIComponent).join("/")}${text}`;
}

export const go = (path: readonly string[]): void => location.assign(hrefOf(path));

/** The browser tells of every change but our own. */
const replaced = new EventTarget();

const subscribe = (heard: () => void) => {
  addEventListener("hashchange", heard);
  replaced.addEventListener("change", heard);
  return () => {
    removeEventListener("hashchange", heard);
    replaced.removeEventListener("change", heard);
  };
};

export const useHash = (): string => useSyncExternalStore(subscribe, () => location.hash);

/**
 * Changes the filters of the page; not a new entry in the history. The page has them when this returns, so that a box
 * which is typed into may show what the address holds, and nothing of its own.
 */
export function setQuery(changes: Readonly<Record<string, string>>): void {
  const { path, query } = parseRoute(location.hash);
  history.replaceState(null, "", hrefOf(path, { ...Object.fromEntries(query), ...changes }));
  replaced.dispatchEvent(new Event("change"));
}
