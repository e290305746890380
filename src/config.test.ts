import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "taken";
};

test.each([
  ["Example.com.", "example.com"],
  ["  EXAMPLE.COM \n", "example.com"],
  ["Kunden.Bücher.example", "kunden.xn--bcher-kva.example"],
  ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
  ["customers。example", "customers.example"],
  ["a-b.example.co.uk", "a-b.example.co.uk"],
])("ARCADIA_DOMAIN=%j is %s", (given, zone) => {
  expect(readConfig({ ARCADIA_DOMAIN: given }).provider.domain).toBe(zone);
});

test.each([
  "https://example.com",
  "example.com/",
  "*.example.com",
  "example",
  "example..com",
  ".example.com",
  "exa mple.com",
  "-example.com",
  "example.com:53",
  "10.0.0.1",
  "[::1]",
  `${"a".repeat(64)}.com`,
  `${"a.".repeat(130)}com`,
  "example.com..",
  "@",
])("ARCADIA_DOMAIN=%s is refused in one sentence", (given) => {
  expect(refusal({ ARCADIA_DOMAIN: given })).toBe(
    "The configuration is wrong, nothing was started. ARCADIA_DOMAIN: must be the name of a zone, such as " +
      "customers.example: no URL, address, wildcard or single word",
  );
});

test.each([
  ["HOST", "[::1]", "host", "::1"],
  ["HOST", " LOCALHOST ", "host", "localhost"],
  ["HOST", "0.0.0.0", "host", "0.0.0.0"],
  ["PORT", " 8080 ", "port", 8080],
  ["ARCADIA_API_URL", "http://127.0.0.1:4000///", "apiUrl", "http://127.0.0.1:4000"],
  ["ARCADIA_PUBLIC_URL", "HTTPS://Cloud.Example.com:443/", "publicUrl", "https://cloud.example.com"],
  ["ARCADIA_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8  ::1,", "trustedProxies", ["127.0.0.1", "10.0.0.0/8", "::1"]],
  ["ARCADIA_WEBHOOK_ALLOW_PRIVATE", " TRUE ", "webhookAllowPrivate", true],
  ["ARCADIA_WEBHOOK_ALLOW_PRIVATE", "1", "webhookAllowPrivate", true],
  ["ARCADIA_WEBHOOK_ALLOW_PRIVATE", "No", "webhookAllowPrivate", false],
  ["ARCADIA_LOG_LEVEL", "INFO", "logLevel", "info"],
  ["ARCADIA_SYNC_CRON", " 0 * * * * ", "syncCron", "0 * * * *"],
  ["ARCADIA_PARKING_IPV4", " 198.51.100.1 ", "parking", "198.51.100.1"],
  ["ARCADIA_WORKER_SLOTS", " ", "workerSlots", 50],
  ["ARCADIA_PROBE_PROXY", " ", "probeProxy", undefined],
  ["ARCADIA_PROBE_PROXY", "http://127.0.0.1:3128/", "probeProxy", "http://127.0.0.1:3128"],
  ["ARCADIA_TENANT_QUOTA", ' {"max_deployments": 5} ', "tenantQuota", { max_deployments: 5 }],
  ["ARCADIA_TENANT_QUOTA", " ", "tenantQuota", undefined],
  ["ARCADIA_DESTROYS_PER_HOUR", "0", "destroysPerHour", 0],
  ["ARCADIA_DESTROYS_PER_HOUR", " ", "destroysPerHour", undefined],
  ["DIGITALOCEAN_API_URL", "http://127.0.1.1:4010", "provider", { token: undefined, url: "http://127.0.1.1:4010" }],
] as const)("%s=%j", (name, given, key, value) => {
  expect(readConfig({ [name]: given })[key]).toEqual(value);
});

test("the provider's URL is taken with a slash or the version behind it", () => {
  for (const given of [
    "https://api.digitalocean.com/",
    "https://api.digitalocean.com/v2/",
    "HTTPS://API.digitalocean.com",
  ])
    expect(readConfig({ DIGITALOCEAN_API_URL: given }).provider.url).toBe("https://api.digitalocean.com");
});

test.each([
  ["PORT", "4000.5"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "0x10"],
  ["PORT", "1e3"],
  ["HOST", "127.0.0.1:4000"],
  ["HOST", "[localhost]"],
  ["HOST", "http://localhost"],
  ["ARCADIA_POLL_SECONDS", "5s"],
  ["ARCADIA_POLL_SECONDS", "0"],
  ["ARCADIA_POLL_SECONDS", "NaN"],
  ["ARCADIA_POLL_SECONDS", "Infinity"],
  ["ARCADIA_SETTLE_SECONDS", "-3"],
  ["ARCADIA_GONE_SECONDS", "0"],
  ["ARCADIA_PARKING_IPV4", "2001:db8::1"],
  ["ARCADIA_PARKING_IPV4", "nowhere.example.com"],
  ["ARCADIA_WORKER_SLOTS", "0"],
  ["ARCADIA_PROBE_PROXY", "https://proxy.example.com"],
  ["ARCADIA_PROBE_PROXY", "http://user:password@proxy.example.com"],
  ["ARCADIA_PROBE_PROXY", "proxy.example.com:3128"],
  ["ARCADIA_TENANT_QUOTA", "5"],
  ["ARCADIA_DESTROYS_PER_HOUR", "-1"],
  ["ARCADIA_TENANT_QUOTA", "{max_deployments: 5}"],
  ["ARCADIA_TENANT_QUOTA", '{"max_deploments": 5}'],
  ["ARCADIA_TENANT_QUOTA", '{"max_monthly_usd": -1}'],
  ["ARCADIA_API_CONNECTIONS", "0"],
  ["ARCADIA_WORKER_CONNECTIONS", "1001"],
  ["ARCADIA_WEBHOOK_ALLOW_PRIVATE", "maybe"],
  ["ARCADIA_SYNC_CRON", "*/15"],
  ["ARCADIA_SYNC_CRON", "*/10 * * * * *"],
  ["ARCADIA_SYNC_CRON", "61 * * * *"],
  ["ARCADIA_LOG_LEVEL", "loud"],
  ["ARCADIA_API_URL", "localhost:4000"],
  ["ARCADIA_API_URL", "http://user:pass@localhost:4000"],
  ["ARCADIA_PUBLIC_URL", "cloud.example.com"],
  ["ARCADIA_PUBLIC_URL", "https://cloud.example.com/arcadia"],
  ["ARCADIA_PUBLIC_URL", "ftp://cloud.example.com"],
  ["ARCADIA_TRUSTED_PROXIES", "10.0.0.0/33"],
  ["ARCADIA_TRUSTED_PROXIES", "proxy.internal"],
  ["ARCADIA_TRUSTED_PROXIES", "10.0.0.0/8/8"],
  ["DIGITALOCEAN_API_URL", "http://api.example.com"],
  ["DIGITALOCEAN_API_URL", "http://127.evil.example"],
  ["DIGITALOCEAN_API_URL", "https://api.example.com/?a=b"],
  ["DATABASE_URL", "mysql://db/arcadia"],
] as const)("%s=%s is refused by its name, and its value is not told", (name, given) => {
  const told = refusal({ [name]: given });
  expect(told).toMatch(new RegExp(`^The configuration is wrong, nothing was started\\. ${name}: must`));
  expect(told.split("such as")[0]).not.toContain(` ${given} `);
});

test("what would be another account, database or server is not empty; in the place of its file it may be", () => {
  for (const name of [
    "DATABASE_URL",
    "ARCADIA_MIGRATION_DATABASE_URL",
    "DIGITALOCEAN_TOKEN",
    "DIGITALOCEAN_ACCESS_TOKEN",
    "DIGITALOCEAN_API_URL",
    "ARCADIA_DATA_DIR",
    "ARCADIA_ADMIN_TOKEN",
    "ARCADIA_SECRET_KEY",
    "ARCADIA_API_URL",
    "ARCADIA_API_TOKEN",
    "ARCADIA_API_TOKEN_FILE",
  ])
    for (const value of ["", " \n"])
      expect(refusal({ DIGITALOCEAN_ACCESS_TOKEN: "a", [name]: value })).toBe(
        `The configuration is wrong, nothing was started. ${name.replace("_FILE", "")}: must not be empty: give it a value, or unset it`,
      );
  const file = fileURLToPath(import.meta.url);
  expect(refusal({ ARCADIA_API_TOKEN: "", ARCADIA_API_TOKEN_FILE: file })).toBe("taken");
  expect(refusal({ ARCADIA_API_TOKEN: "a", ARCADIA_API_TOKEN_FILE: "" })).toBe("taken");
});
