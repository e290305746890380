import type { HealthCheck } from "#api/health-check.ts";

/** In a line: `http:8080/healthz`. */
export const toldCheck = ({ protocol, port, path = "" }: HealthCheck): string => `${protocol}:${port}${path}`;

const short = /^(https?|tcp):(\d{1,5})(\/[^\s]*)?$/;

/** As it is typed; what is no check is sent as it is, for the server to say what is wrong. */
export function checkOf(text: string): unknown {
  const [, protocol, port, path] = short.exec(text.trim()) ?? [];
  if (protocol === undefined) return text.trim();
  return { protocol, port: Number(port), ...(path !== undefined && { path }) };
}
