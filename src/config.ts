import { join, resolve } from "node:path";
import { CronExpressionParser } from "cron-parser";
import { z } from "zod";
import { readSecretFiles } from "./secret-files.ts";

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

/** The longest a timer can be told to wait, in seconds: 2^31 - 1 ms. */
const longestSeconds = 2_147_483;
const seconds = (fallback: number) => z.coerce.number().positive().max(longestSeconds).default(fallback);
const text = z.string().trim().min(1);
/** It goes into a header: fetch refuses another one, and quotes it. */
const providerToken = text.regex(/^[\x21-\x7e]+$/, "must be one line of printable ASCII");
const databaseUrl = text.regex(/^(?:postgres(?:ql)?:\/\/|socket:|\/)/, "begins with postgres://");

const environment = z.object({
  DATABASE_URL: databaseUrl.optional(),
  ARCADIA_MIGRATION_DATABASE_URL: databaseUrl.optional(),
  ARCADIA_DATA_DIR: text.default(".arcadia"),
  DIGITALOCEAN_TOKEN: providerToken.optional(),
  DIGITALOCEAN_ACCESS_TOKEN: providerToken.optional(),
  DIGITALOCEAN_API_URL: text.default("https://api.digitalocean.com").superRefine(checkProviderUrl),
  ARCADIA_DOMAIN: text.toLowerCase().optional(),
  ARCADIA_ADMIN_TOKEN: text.min(8, "must have at least 8 characters").optional(),
  ARCADIA_SECRET_KEY: text.min(16, "must have at least 16 characters").optional(),
  HOST: text.default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  ARCADIA_POLL_SECONDS: seconds(5),
  ARCADIA_SETTLE_SECONDS: seconds(30),
  ARCADIA_WAIT_ACTIVE_SECONDS: seconds(480),
  ARCADIA_COMPENSATE_SECONDS: seconds(1800),
  ARCADIA_SYNC_CRON: text.refine(isCron, 'must be a cron line, such as "*/15 * * * *"').default("*/15 * * * *"),
  ARCADIA_SIM_BOOT_MS: z.coerce.number().int().min(0).max(3_600_000).default(3000),
  ARCADIA_WORKER_SLOTS: z.coerce.number().int().min(1).max(500).default(50),
  ARCADIA_WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  ARCADIA_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  ARCADIA_API_TOKEN: text.optional(),
  ARCADIA_REQUESTS_PER_MINUTE: z.coerce.number().int().min(10).max(1_000_000).default(250),
  ARCADIA_REQUESTS_PER_HOUR: z.coerce.number().int().min(100).max(10_000_000).default(5000),
  ARCADIA_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
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
  /** Our share of what DigitalOcean lets a token send. */
  readonly requests: { readonly minute: number; readonly hour: number };
  readonly timing: Timing;
  readonly syncCron: string;
  readonly simulatorBootMs: number;
  readonly workerSlots: number;
  /** Webhooks may go to internal addresses, and over plain http. */
  readonly webhookAllowPrivate: boolean;
  readonly apiUrl: string | undefined;
  readonly apiToken: string | undefined;
  readonly logLevel: string;
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
}

export class ConfigError extends Error {}

/**
 * Reads the configuration and removes the secrets from `env`.
 * @throws {ConfigError} naming every variable that is wrong, never its value.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const files = readSecretFiles(present, secretVariables);
  const parsed = environment.safeParse({ ...present, ...files.values });
  for (const name of secretVariables) {
    delete env[name];
    delete env[`${name}_FILE`];
  }
  const faults = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  if (!parsed.success || files.faults.length > 0)
    throw new ConfigError(
      `The configuration is wrong, nothing was started. ${[...files.faults, ...faults].join("; ")}`,
    );
  const it = parsed.data;
  const dataDirectory = resolve(it.ARCADIA_DATA_DIR);
  return {
    databaseUrl: it.DATABASE_URL,
    migrationDatabaseUrl: it.ARCADIA_MIGRATION_DATABASE_URL,
    dataDirectory,
    provider: {
      token: it.DIGITALOCEAN_TOKEN ?? it.DIGITALOCEAN_ACCESS_TOKEN,
      url: it.DIGITALOCEAN_API_URL.replace(/\/+$/, ""),
      domain: it.ARCADIA_DOMAIN,
    },
    adminToken: it.ARCADIA_ADMIN_TOKEN,
    adminTokenFile: join(dataDirectory, "admin-token"),
    secretKey: it.ARCADIA_SECRET_KEY,
    host: it.HOST,
    port: it.PORT,
    requests: { minute: it.ARCADIA_REQUESTS_PER_MINUTE, hour: it.ARCADIA_REQUESTS_PER_HOUR },
    timing: {
      poll: it.ARCADIA_POLL_SECONDS * 1000,
      settle: it.ARCADIA_SETTLE_SECONDS * 1000,
      waitActive: it.ARCADIA_WAIT_ACTIVE_SECONDS * 1000,
      compensate: it.ARCADIA_COMPENSATE_SECONDS * 1000,
    },
    syncCron: it.ARCADIA_SYNC_CRON,
    simulatorBootMs: it.ARCADIA_SIM_BOOT_MS,
    workerSlots: it.ARCADIA_WORKER_SLOTS,
    webhookAllowPrivate: it.ARCADIA_WEBHOOK_ALLOW_PRIVATE,
    apiUrl: it.ARCADIA_API_URL,
    apiToken: it.ARCADIA_API_TOKEN,
    logLevel: it.ARCADIA_LOG_LEVEL,
  };
}

function isCron(line: string): boolean {
  try {
    CronExpressionParser.parse(line, { tz: "UTC" });
    return true;
  } catch {
    return false;
  }
}

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The provider token travels to this URL: plain http only to this machine. */
function checkProviderUrl(value: string, context: z.RefinementCtx): void {
  const url = URL.parse(value);
  if (!url) context.addIssue("is not a URL");
  else if (url.username || url.password) context.addIssue("must not hold a user or password");
  else if (url.protocol !== "https:" && !(url.protocol === "http:" && loopbackHosts.has(url.hostname)))
    context.addIssue("must be https, or http on loopback: the token is sent there");
}
