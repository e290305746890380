import { type Clock, systemClock } from "#clock.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { Owner } from "./access.ts";

export interface SimulatorOptions {
  /** Where to listen; 0 or nothing takes a free port. */
  port?: number | undefined;
  /** The name or address to listen on. Default 127.0.0.1; any other lets other machines in. */
  host?: string | undefined;
  /** Certificate and key as PEM: with them the server speaks HTTPS, and nothing else. */
  tls?: { cert: string; key: string } | undefined;
  /** What its clients call it, as `https://api.digitalocean.com`: links lead there, and that host is answered. */
  publicUrl?: string | undefined;
  /** Milliseconds from a create to `active`. Default 3000. */
  bootMs?: number | undefined;
  /** Milliseconds from `active`, or any later start, until the app on a droplet answers. Default 500. */
  appStartMs?: number | undefined;
  /** The most, in milliseconds, that lists, tags, addresses and deletions lag. Default 1500. */
  lagMs?: number | undefined;
  /** The most, in milliseconds, that GET by id does not find a new droplet. Default 0: some clients ask at once. */
  getLagMs?: number | undefined;
  /** The same seed and the same calls give the same account. Without one, every start is another account. */
  seed?: number | undefined;
  /** No surprises: only the boot takes time. */
  calm?: boolean | undefined;
  /** A stranger gets every address that a droplet gives back, at once: no droplet of this account has it again. */
  strangers?: boolean | undefined;
  /** `off` answers no 429 and reports the whole budget as left. Default `real`. */
  rateLimits?: "real" | "off" | undefined;
  /** The only token accepted. Without it any bearer token is. */
  token?: string | undefined;
  /** Whose each of these tokens is, by name; they are accepted too. All others belong to the operator of team main. */
  owners?: Readonly<Record<string, Owner>> | undefined;
  /** What the token may do, as `droplet:create`. Without it, everything. */
  scopes?: readonly string[] | undefined;
  /** The zone that the account holds at the start. Default `example.com`. */
  domain?: string | undefined;
  /** Default 10,000: higher than a fresh account's, so that it only bites when asked to. */
  dropletLimit?: number | undefined;
  /** The operator's. Default: from the state file, else from the seed. */
  accountUuid?: string | undefined;
  /** Keeps the account over restarts. Without it the account lives in memory. */
  stateFile?: string | undefined;
  /** What such a file holds, to begin with an account that is kept nowhere. */
  savedState?: unknown;
  clock?: Clock | undefined;
  /** Where an unseeded account and the request ids come from. */
  ids?: Ids | undefined;
  log?: Log | undefined;
}

/** The options that the account's behaviour depends on, with the defaults filled in. */
export interface Settings {
  bootMs: number;
  appStartMs: number;
  lagMs: number;
  getLagMs: number;
  calm: boolean;
  strangers: boolean;
  rateLimits: "real" | "off";
  token: string | undefined;
  owners: ReadonlyMap<string, Owner>;
  scopes: readonly string[] | undefined;
  domain: string;
  dropletLimit: number;
  /** Scheme and host of links; without it, as the client wrote them. */
  publicUrl: string | undefined;
  scheme: "http" | "https";
  clock: Clock;
}

export const settingsFrom = (options: SimulatorOptions): Settings => ({
  bootMs: options.bootMs ?? 3000,
  appStartMs: options.appStartMs ?? 500,
  lagMs: options.calm ? 0 : (options.lagMs ?? 1500),
  getLagMs: options.calm ? 0 : (options.getLagMs ?? 0),
  calm: options.calm ?? false,
  strangers: options.strangers ?? false,
  rateLimits: options.rateLimits ?? "real",
  token: options.token,
  owners: new Map(Object.entries(options.owners ?? {})),
  scopes: options.scopes,
  domain: (options.domain ?? "example.com").toLowerCase(),
  dropletLimit: options.dropletLimit ?? 10_000,
  publicUrl: options.publicUrl === undefined ? undefined : new URL(options.publicUrl).origin,
  scheme: options.tls ? "https" : "http",
  clock: options.clock ?? systemClock,
});
