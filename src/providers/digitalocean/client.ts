import type { Clock } from "#clock.ts";
import { ConfigError } from "#config.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { type Actions, createActions } from "./actions.ts";
import { type AccountApi, createAccount } from "./account.ts";
import { type Attachments, createFirewalls, createLoadBalancers } from "./attachments.ts";
import type { Budget } from "./budget.ts";
import type { Call } from "./call.ts";
import { createDomains, type Domains } from "./domains.ts";
import { createDroplets, type Droplets } from "./droplets.ts";
import type { Fetch } from "./exchange.ts";
import { createHttp } from "./http.ts";
import { createImages, type Images } from "./images.ts";
import { createListPaginated, createReadPage } from "./pages.ts";
import { createRegions, type Regions } from "./regions.ts";
import { createReservedIps, type ReservedIps } from "./reserved-ips.ts";
import { createSizes, type Sizes } from "./sizes.ts";
import { createSnapshots, type Snapshots } from "./snapshots.ts";
import { createTags, type Tags } from "./tags.ts";
import { createVolumes, type Volumes } from "./volumes.ts";

/** What we use of the DigitalOcean API v2. Every call takes its circumstances last and throws DigitalOceanError. */
export interface DigitalOcean {
  readonly droplets: Droplets;
  readonly actions: Actions;
  readonly snapshots: Snapshots;
  readonly volumes: Volumes;
  readonly reservedIps: ReservedIps;
  readonly firewalls: Attachments;
  readonly loadBalancers: Attachments;
  readonly domains: Domains;
  readonly tags: Tags;
  readonly account: AccountApi;
  readonly sizes: Sizes;
  readonly regions: Regions;
  readonly images: Images;
  /**
   * Comes back when the request budget has room for a call: to be waited for before anything is written down that a
   * request has to follow at once. @throws {DigitalOceanError} `rate_limited` with `retryAt` when that takes long.
   */
  readonly turn: (call: Call) => Promise<void>;
}

export interface DigitalOceanOptions {
  /** Without a trailing slash; the token goes nowhere else. */
  readonly baseUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly budget: Budget;
  readonly log: Log;
  readonly fetch?: Fetch;
  /** Until one request is given up, in milliseconds; connecting alone is given up after 10 s (undici's default). */
  readonly timeoutMs?: number;
}

/** @throws {ConfigError} for a token that no header can carry. */
export function createDigitalOcean(options: DigitalOceanOptions): DigitalOcean {
  if (!/^[\x21-\x7e]+$/.test(options.token))
    throw new ConfigError("The provider's token must be one line of printable ASCII.");
  const { fetch = globalThis.fetch, timeoutMs = 30_000 } = options;
  const http = createHttp({ ...options, fetch, timeoutMs });
  const listPaginated = createListPaginated(http, options);
  return {
    droplets: createDroplets(http, listPaginated, createReadPage(http, options)),
    actions: createActions(http, listPaginated),
    snapshots: createSnapshots(http, listPaginated),
    volumes: createVolumes(http, listPaginated),
    domains: createDomains(http, listPaginated),
    reservedIps: createReservedIps(http, listPaginated),
    firewalls: createFirewalls(listPaginated),
    loadBalancers: createLoadBalancers(listPaginated),
    tags: createTags(http, listPaginated),
    account: createAccount(http),
    sizes: createSizes(listPaginated),
    regions: createRegions(listPaginated),
    images: createImages(listPaginated),
    turn: (call) => options.budget.turn({ ...call, method: "POST", route: "any" }, call.signal),
  };
}
