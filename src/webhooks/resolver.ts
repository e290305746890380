import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** The addresses of a name. @throws when it has none, when nobody answers, and once `signal` aborts */
export type Resolve = (host: string, signal: AbortSignal) => Promise<Address[]>;

export interface ResolverOptions {
  /** Name servers, with their ports; the system's unless given. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  /** Look-ups at once; others wait. Default 16. */
  readonly most?: number;
}

/** Of one question to one server, and how often it is asked: a name whose servers are silent has failed in 4.5 s. */
const patience = { timeout: 1500, tries: 2 };
const loopback: readonly Address[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

/**
 * Resolves names by c-ares, not by the system's getaddrinfo: that one cannot be cancelled, and a handful of names whose
 * servers are silent fill the threads that all file work and every other connection of the process wait for
 * (https://nodejs.org/api/dns.html#implementation-considerations). Names of the hosts file are found there, as usual;
 * search domains are not tried.
 */
export function createResolver({ servers, hostsFile = "/etc/hosts", most = 16 }: ResolverOptions = {}): Resolve {
  const slots = lookupSlots(most);
  return async (name, signal) => {
    const host = name.toLowerCase().replace(/\.$/, "");
    // RFC 6761, section 6.3: these never leave the machine.
    if (host === "localhost" || host.endsWith(".localhost")) return [...loopback];
    // Its place is taken before the file is read: reads end in any order.
    const slot = slots.take(signal);
    // Told below; it may be refused while the file is read.
    slot.catch(() => undefined);
    const local = addressesIn(await readFile(hostsFile, "utf8").catch(() => ""), host);
    if (local.length > 0) {
      slot.then(
        (release) => release(),
        () => undefined,
      );
      return local;
    }
    const release = await slot;
    const resolver = new Resolver(patience);
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (servers) resolver.setServers(servers);
      return await ask(resolver, host, signal);
    } finally {
      signal.removeEventListener("abort", cancel);
      release();
    }
  };
}

async function ask(resolver: Resolver, host: string, signal: AbortSignal): Promise<Address[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  signal.throwIfAborted();
  const addresses = answers.flatMap((it) => (it.status === "fulfilled" ? it.value : []));
  const [first] = answers;
  const cause: unknown = first.status === "rejected" ? first.reason : undefined;
  if (addresses.length === 0) throw new Error(`${host} was not resolved${codeOf(cause)}`, { cause });
  return addresses.map((address) => ({ address, family: isIP(address) }));
}

/** Such as ENOTFOUND or ETIMEOUT. */
const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";

/** A line is an address and its names; what follows # is a comment. */
function addressesIn(hosts: string, host: string): Address[] {
  return hosts.split("\n").flatMap((line) => {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").split(/\s+/).filter(Boolean);
    const family = isIP(address);
    return family && names.some((name) => name.toLowerCase() === host) ? [{ address, family }] : [];
  });
}

/** Lets `most` go at once, the others in the order of their asking. */
function lookupSlots(most: number) {
  let free = most;
  const waiting = new Set<() => void>();
  const release = () => {
    const [next] = waiting;
    if (!next) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  };
  return {
    /** @returns the function that gives the slot back. @throws once `signal` aborts */
    async take(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return release;
      }
      const turn = Promise.withResolvers<void>();
      const giveUp = () => {
        waiting.delete(turn.resolve);
        turn.reject(new Error("Given up", { cause: signal.reason }));
      };
      waiting.add(turn.resolve);
      signal.addEventListener("abort", giveUp, { once: true });
      await turn.promise.finally(() => signal.removeEventListener("abort", giveUp));
      return release;
    },
  };
}
