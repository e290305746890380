import { join, resolve } from "node:path";
import { z } from "zod";
import { type Quota, quota } from "./quota.ts";
import { readSecretFiles } from "./secret-files.ts";
import {
  baseUrl,
  cron,
  flag,
  isLoopback,
  listeningHost,
  networks,
  publicUrl,
  seconds,
  text,
  whole,
  zone,
} from "./setting.ts";

/**
 * Variables that hold secrets, or whose namesake with `_FILE` names the file that does: removed from the environment
 * once read, so that no child inherits them.
 */
const secretVariables = [
  "DATABASE_URL",
  "ARCADIA_MIGRATION_DATABASE_URL",
  "DIGITALOCEAN_TOKEN",
  "DIGITALOCEAN_ACCESS_TOKEN",
  "ARCADIA_ADMIN_TOKEN",
  "ARCADIA_SECRET_KEY",
  "ARCADIA_API_TOKEN",
] as const;

/**
 * What, left out, is another account, database or server than was meant: set but empty it is a mistake, such as a variable that a
 * script did not fill. Whatever else is empty is its default.
 */
const neverEmpty = [...secretVariables, "ARCADIA_DATA_DIR", "ARCADIA_API_URL", "DIGITALOCEAN_API_URL"] as const;

/** It goes into a header: fetch refuses another one, and quotes it. */
const providerToken = text.regex(/^[\x21-\x7e]+$/, "must be one line of printable ASCII");
/** As a header carries it. Whoever reaches the port may try to guess it: 32 characters cannot be, where they are random. */
const adminToken = text
  .min(32, "must have at least 32 characters; `openssl rand -base64 33` makes one")
  .max(200, "must have at most 200 characters")
  .regex(/^[\x21-\x7e]*$/, "must be one line of printable ASCII without spaces");

/** The provider token travels to this URL: plain http only to this machine. Its paths begin with /v2 by themselves. */
const providerUrl = baseUrl
  .refine((value) => value.startsWith("https:") || isLoopback(value), {
    message: "must be https, or http on loopback: the token is sent there",
  })
  .transform((value) => value.replace(/\/v2$/, ""));

const dayMs = 24 * 3_600_000;

/** As JSON, such as {"max_deployments": 5}. */
const tenantQuota = text.transform((value, context): Quota => {
  try {
    return quota.parse(JSON.parse(value));
  } catch {
    context.addIssue({
      code: "custom",
      message:
        'must be JSON with max_deployments, max_monthly_usd, allowed_sizes or allowed_regions, such as {"max_deployments": 5}',
    });
    return z.NEVER;
  }
});

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const databaseUrl = text.regex(/^(?:postgres(?:ql)?:\/\/|socket:|\/)/, "must begin with postgres://");

const environment = z.object({
  DATABASE_URL: databaseUrl.optional(),
  ARCADIA_MIGRATION_DATABASE_URL: databaseUrl.optional(),
  ARCADIA_DATA_DIR: text.default(".arcadia"),
  DIGITALOCEAN_TOKEN: providerToken.optional(),
  DIGITALOCEAN_ACCESS_TOKEN: providerToken.optional(),
  DIGITALOCEAN_API_URL: providerUrl.default("https://api.digitalocean.com"),
  ARCADIA_DOMAIN: zone.optional(),
  ARCADIA_ADMIN_TOKEN: adminToken.optional(),
  ARCADIA_SECRET_KEY: text.min(16, "must have at least 16 characters").optional(),
  HOST: listeningHost.default("127.0.0.1"),
  ARCADIA_PUBLIC_URL: publicUrl.optional(),
  ARCADIA_TRUSTED_PROXIES: networks.default([]),
  PORT: whole(0, 65_535).default(4000),
  ARCADIA_POLL_SECONDS: seconds.default(5),
  ARCADIA_SETTLE_SECONDS: seconds.default(30),
  ARCADIA_WAIT_ACTIVE_SECONDS: seconds.default(480),
  ARCADIA_COMPENSATE_SECONDS: seconds.default(1800),
  ARCADIA_DNS_TTL_SECONDS: whole(30, 86_400).default(300),
  ARCADIA_DNS_DRAIN: z.enum(["on", "off"], { error: "must be on or off" }).default("on"),
  ARCADIA_GONE_SECONDS: seconds.default(600),
  ARCADIA_PARKING_IPV4: text.pipe(z.ipv4("must be an IPv4 address")).default("192.0.2.1"),
  ARCADIA_SYNC_CRON: cron.default("*/15 * * * *"),
  ARCADIA_KEEP_SAGAS_DAYS: whole(1, 36_500).default(365),
  ARCADIA_KEEP_DELIVERIES_DAYS: whole(1, 36_500).default(30),
  ARCADIA_KEEP_AUDIT_DAYS: whole(1, 36_500).optional(),
  ARCADIA_SIM_BOOT_MS: whole(0, 3_600_000).default(3000),
  ARCADIA_PROBE_PROXY: baseUrl
    .refine((value) => value.startsWith("http:"), "must begin with http://: it is asked by CONNECT")
    .optional(),
  ARCADIA_WORKER_SLOTS: whole(1, 500).default(50),
  ARCADIA_TENANT_QUOTA: tenantQuota.optional(),
  ARCADIA_DESTROYS_PER_HOUR: whole(0, 1_000_000).optional(),
  ARCADIA_API_CONNECTIONS: whole(1, 1000).default(6),
  ARCADIA_WORKER_CONNECTIONS: whole(1, 1000).default(4),
  ARCADIA_WEBHOOK_ALLOW_PRIVATE: flag.default(false),
  ARCADIA_API_URL: baseUrl.optional(),
  ARCADIA_API_TOKEN: text.optional(),
  ARCADIA_API_ALLOW_HTTP: flag.default(false),
  ARCADIA_REQUESTS_PER_MINUTE: whole(10, 1_000_000).default(250),
  ARCADIA_REQUESTS_PER_HOUR: whole(100, 10_000_000).default(5000),
  ARCADIA_LOG_LEVEL: text
    .toLowerCase()
    .pipe(z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` }))
    .default("info"),
});

/** Everything that can be set from outside. Times are milliseconds. */
export interface Config {
  readonly databaseUrl: string | undefined;
  /** The same database as the role that owns its tables, when that is another one. */
  readonly migrationDatabaseUrl: string | undefined;
  readonly dataDirectory: string;
  readonly provider: {
    readonly token: string | undefined;
    readonly url: string;
    readonly domain: string | undefined;
  };
  readonly adminToken: string | undefined;
  readonly adminTokenFile: string;
  readonly secretKey: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Where the outside world finds the server, if not where it listens; no slash at its end. */
  readonly publicUrl: string | undefined;
  /** Addresses and networks whose word for the client's address, protocol and host is taken. */
  readonly trustedProxies: readonly string[];
  /** Our share of what DigitalOcean lets a token send. */
  readonly requests: { readonly minute: number; readonly hour: number };
  readonly timing: Timing;
  /** Where the record of a deployment leads whose droplet is gone: an address that is nobody's. */
  readonly parking: string;
  readonly syncCron: string;
  readonly keep: Keep;
  readonly simulatorBootMs: number;
  /** An HTTP proxy through which health checks go; undefined: straight. */
  readonly probeProxy: string | undefined;
  readonly workerSlots: number;
  /** What a tenant may have that is asked for with its own token. */
  readonly tenantQuota: Quota | undefined;
  /** How many may be destroyed in an hour before they are held; undefined: by the size of the fleet. */
  readonly destroysPerHour: number | undefined;
  /** The most connections to the database; one more is for listening. */
  readonly connections: { readonly api: number; readonly worker: number };
  /** Webhooks may go to internal addresses, and over plain http. */
  readonly webhookAllowPrivate: boolean;
  readonly apiUrl: string | undefined;
  readonly apiToken: string | undefined;
  /** The CLI may send its token to another machine without encryption. */
  readonly apiAllowHttp: boolean;
  readonly logLevel: string;
}

/** For how long what has ended is kept, in milliseconds. */
export interface Keep {
  readonly sagas: number;
  /** What webhooks were told, and how that was answered. */
  readonly deliveries: number;
  /** Undefined: for ever. */
  readonly audit: number | undefined;
}

/** How long the sagas wait, in milliseconds. */
export interface Timing {
  /** Between two looks at the fleet. */
  readonly poll: number;
  /** After an ambiguous create, until absence can be believed. */
  readonly settle: number;
  /** Until a droplet must be active with a public address. */
  readonly waitActive: number;
  /** Until a compensation that keeps failing is handed to a human. */
  readonly compensate: number;
  /** For how long a record that we write is believed by whoever has asked for it. */
  readonly ttl: number;
  /** Whether an address is given up only when nobody can believe a record any more that led to it. */
  readonly drain: boolean;
  /** Until a droplet that the provider does not show is gone. */
  readonly gone: number;
}

export class ConfigError extends Error {}

type Variables = Readonly<Record<string, string | undefined>>;

const emptyFault = "must not be empty: give it a value, or unset it";

/** Neither it nor the variable that names its file says anything, and one of them is there. */
const isEmpty = (env: Variables, present: Variables, name: string): boolean => {
  const names = [name, `${name}_FILE`];
  return names.every((it) => present[it] === undefined) && names.some((it) => env[it] !== undefined);
};

/**
 * Reads the configuration and removes the secrets from `env`.
 * @throws {ConfigError} naming every variable that is wrong, never its value.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const empty = neverEmpty.filter((name) => isEmpty(env, present, name)).map((name) => `${name}: ${emptyFault}`);
  const files = readSecretFiles(present, secretVariables);
  const parsed = environment.safeParse({ ...present, ...files.values });
  for (const name of secretVariables) {
    delete env[name];
    delete env[`${name}_FILE`];
  }
  const faults = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  const all = [...empty, ...files.faults, ...faults];
  if (!parsed.success || all.length > 0)
    throw new ConfigError(`The configuration is wrong, nothing was started. ${all.join("; ")}`);
  const it = parsed.data;
  const dataDirectory = resolve(it.ARCADIA_DATA_DIR);
  return {
    databaseUrl: it.DATABASE_URL,
    migrationDatabaseUrl: it.ARCADIA_MIGRATION_DATABASE_URL,
    dataDirectory,
    provider: {
      token: it.DIGITALOCEAN_TOKEN ?? it.DIGITALOCEAN_ACCESS_TOKEN,
      url: it.DIGITALOCEAN_API_URL,
      domain: it.ARCADIA_DOMAIN,
    },
    adminToken: it.ARCADIA_ADMIN_TOKEN,
    adminTokenFile: join(dataDirectory, "admin-token"),
    secretKey: it.ARCADIA_SECRET_KEY,
    host: it.HOST,
    port: it.PORT,
    publicUrl: it.ARCADIA_PUBLIC_URL,
    trustedProxies: it.ARCADIA_TRUSTED_PROXIES,
    requests: { minute: it.ARCADIA_REQUESTS_PER_MINUTE, hour: it.ARCADIA_REQUESTS_PER_HOUR },
    timing: {
      poll: it.ARCADIA_POLL_SECONDS * 1000,
      settle: it.ARCADIA_SETTLE_SECONDS * 1000,
      waitActive: it.ARCADIA_WAIT_ACTIVE_SECONDS * 1000,
      compensate: it.ARCADIA_COMPENSATE_SECONDS * 1000,
      ttl: it.ARCADIA_DNS_TTL_SECONDS * 1000,
      drain: it.ARCADIA_DNS_DRAIN === "on",
      gone: it.ARCADIA_GONE_SECONDS * 1000,
    },
    parking: it.ARCADIA_PARKING_IPV4,
    syncCron: it.ARCADIA_SYNC_CRON,
    keep: {
      sagas: it.ARCADIA_KEEP_SAGAS_DAYS * dayMs,
      deliveries: it.ARCADIA_KEEP_DELIVERIES_DAYS * dayMs,
      audit: it.ARCADIA_KEEP_AUDIT_DAYS === undefined ? undefined : it.ARCADIA_KEEP_AUDIT_DAYS * dayMs,
    },
    simulatorBootMs: it.ARCADIA_SIM_BOOT_MS,
    probeProxy: it.ARCADIA_PROBE_PROXY,
    workerSlots: it.ARCADIA_WORKER_SLOTS,
    tenantQuota: it.ARCADIA_TENANT_QUOTA,
    destroysPerHour: it.ARCADIA_DESTROYS_PER_HOUR,
    connections: { api: it.ARCADIA_API_CONNECTIONS, worker: it.ARCADIA_WORKER_CONNECTIONS },
    webhookAllowPrivate: it.ARCADIA_WEBHOOK_ALLOW_PRIVATE,
    apiUrl: it.ARCADIA_API_URL,
    apiToken: it.ARCADIA_API_TOKEN,
    apiAllowHttp: it.ARCADIA_API_ALLOW_HTTP,
    logLevel: it.ARCADIA_LOG_LEVEL,
  };
}
