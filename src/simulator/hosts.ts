import { isIP } from "node:net";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

export interface Address {
  /** Where the server listens: a name or an address. */
  host: string;
  /** What its clients call it, as `https://api.digitalocean.com`. */
  publicUrl: string | undefined;
}

/**
 * Which Host headers are answered: loopback names, the public URL's host, and, where the server listens beyond
 * loopback, addresses and the name it listens on. Any other name could be one that a web page's owner lets resolve to
 * this machine, which an address cannot be.
 */
export function answeredHosts({ host, publicUrl }: Address): (header: string | undefined) => boolean {
  const names = new Set([...loopback, host.toLowerCase()]);
  if (publicUrl !== undefined) names.add(new URL(publicUrl).hostname);
  return (header) => {
    const name = header?.replace(/:\d+$/, "").toLowerCase();
    if (name === undefined) return false;
    return names.has(name) || (!loopback.has(host) && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0);
  };
}

const nearby = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/** How this machine itself reaches a server that listens on `host`. */
export function urlOf(scheme: string, host: string, port: number): string {
  const near = nearby.get(host) ?? host;
  return `${scheme}://${near.includes(":") ? `[${near}]` : near}:${port}`;
}
