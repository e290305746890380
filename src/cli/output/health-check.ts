import type { HealthCheck } from "#api/health-check.ts";

/** In a line: `http:8080/healthz`. */
export const toldCheck = ({ protocol, port, path, expect, before_dns: before }: HealthCheck): string =>
  [
    `${protocol}:${port}${path ?? ""}${expect === undefined ? "" : ` (${expect})`}`,
    ...(before ? [`before DNS ${before.protocol}:${before.port}${before.path ?? ""}`] : []),
  ].join(", ");
