import { UsageError } from "#cli/failure.ts";

const short = /^(https?|tcp):(\d{1,5})(\/[^\s]*)?$/;

/**
 * `http:8080/healthz`, `tcp:5432`, or the API's object in JSON, for the server to judge.
 * @throws {UsageError}
 */
export function healthCheckOf(text: string): unknown {
  const [, protocol, port, path] = short.exec(text) ?? [];
  if (protocol !== undefined) return { protocol, port: Number(port), ...(path !== undefined && { path }) };
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Told below: whatever else it is, it is none of the ways to say it.
  }
  throw new UsageError("--health-check is http:PORT/PATH, https:PORT/PATH, tcp:PORT, or an object in JSON");
}
