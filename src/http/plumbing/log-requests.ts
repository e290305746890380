import { after, type Clock, secondsBetween } from "#clock.ts";
import type { App } from "./app.ts";

declare module "fastify" {
  interface FastifyRequest {
    receivedAt: Date | null;
  }
}

/** What anybody can be answered, and as often as he likes. */
const refusals: ReadonlySet<number> = new Set([401, 421, 429]);
/** So many refusals are logged in one window; the first line after it says how many were not. */
const sample = { most: 20, windowMs: 10_000 };

/**
 * One line per request: what was called, by whom, and how it ended. Never its query, headers or body. Of the refusals
 * to requests without a valid token a sample.
 */
export function logRequests(app: App, clock: Clock): void {
  app.decorateRequest("receivedAt", null);
  app.addHook("onRequest", async (request, reply) => {
    request.receivedAt = clock.now();
    void reply.header("x-request-id", request.id);
  });
  const isSampled = sampler(clock);
  app.addHook("onResponse", async (request, reply) => {
    const isRefusal = !request.caller && refusals.has(reply.statusCode);
    const notLogged = isRefusal ? isSampled() : 0;
    if (notLogged === undefined) return;
    const seconds = request.receivedAt ? secondsBetween(request.receivedAt, clock.now()) : undefined;
    const line = {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      seconds,
      token_name: request.caller?.name,
      address: request.ip,
      ...(notLogged > 0 && { not_logged: notLogged }),
    };
    if (request.routeOptions.url?.startsWith("/v1/")) request.log.info(line, "request");
    else request.log.debug(line, "request");
  });
}

/** @returns a function that tells, of each line: undefined, leave it out; else how many were left out before it */
function sampler(clock: Clock): () => number | undefined {
  let [begunAt, lines, left] = [clock.now(), 0, 0];
  return () => {
    if (clock.now() >= after(begunAt, sample.windowMs)) [begunAt, lines] = [clock.now(), 0];
    lines += 1;
    if (lines > sample.most) {
      left += 1;
      return undefined;
    }
    const told = left;
    left = 0;
    return told;
  };
}
