import rateLimit from "@fastify/rate-limit";
import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { Clock } from "#clock.ts";
import type { KnownTokens } from "#tokens/known-tokens.ts";
import { access } from "./access.ts";
import type { App } from "./app.ts";
import { bearerOf } from "./bearer.ts";
import { HttpProblem } from "./problem.ts";

const minute = 60_000;

/** What counts as a failure, of somebody whose token is not taken. */
const failed: ReadonlySet<number> = new Set([400, 401, 404, 405, 421]);

/**
 * Whom requests are counted for: an address, or the network of an IPv6 one, of which anybody has 2^64. Of a client that
 * has gone already, Node.js does not know it any more.
 */
export const addressOf = ({ ip }: { readonly ip: string | undefined }): string =>
  ip === undefined ? "gone" : rateLimit.normalizeIP(ip);

/**
 * Counts every request before anything else looks at it: also those for another host, of no route or without a token.
 * A token that is taken has a count of its own at each address, so that nobody uses it up for somebody else.
 * @returns what counts, once it is authenticated, the first request with a token that was not known before
 */
export async function limitRequests(
  app: App,
  { known, clock }: { readonly known: KnownTokens; readonly clock: Clock },
  most: { readonly requestsPerMinute: number; readonly failuresPerMinute: number },
): Promise<onRequestAsyncHookHandler> {
  app.decorateRequest("bearer", null);
  await app.register(rateLimit, { global: false });
  const isTaken = ({ bearer }: FastifyRequest) => bearer !== null && known.seemsLive(bearer, clock.now());
  const countRequest = app.createRateLimit({
    max: most.requestsPerMinute,
    timeWindow: minute,
    keyGenerator: (request) =>
      isTaken(request) ? `${addressOf(request)} ${request.bearer?.toString("base64")}` : addressOf(request),
  });
  const failures = { max: most.failuresPerMinute, timeWindow: minute, keyGenerator: addressOf };
  const countFailure = app.createRateLimit(failures);

  const overFailures = async (request: FastifyRequest) => {
    if (access[`${request.method} ${request.routeOptions.url}`]?.role === "open") return undefined;
    const count = await countFailure(request, { increment: false });
    if (count.isAllowed) return undefined;
    // This one would be one too many.
    return overOf({ ...count, isExceeded: count.remaining === 0 }, "requests without a valid token");
  };
  const ofAddress = new WeakSet<FastifyRequest>();
  app.addHook("onRequest", async (request) => {
    request.bearer = bearerOf(request);
    const taken = isTaken(request);
    if (!taken) ofAddress.add(request);
    const over = overOf(await countRequest(request), "requests") ?? (taken ? undefined : await overFailures(request));
    if (!over) return;
    // Somebody whose token was made a moment ago is not to wait for the end of the minute.
    if (!taken && request.bearer) await known.find(request.bearer).catch(() => undefined);
    if (taken || !isTaken(request)) throw over;
  });
  app.addHook("onResponse", async (request, reply) => {
    if (!request.caller && !isTaken(request) && failed.has(reply.statusCode)) await countFailure(request);
  });
  return async (request) => {
    const over = request.caller && ofAddress.has(request) && overOf(await countRequest(request), "requests");
    if (over) throw over;
  };
}

type Count = Awaited<ReturnType<ReturnType<App["createRateLimit"]>>>;

/** @returns how the request is refused, when there were too many */
function overOf(count: Count, what: string): HttpProblem | undefined {
  if (count.isAllowed || !count.isExceeded) return undefined;
  const seconds = Math.max(1, count.ttlInSeconds);
  const detail = `More than ${count.max} ${what} in a minute; try again in ${seconds} s`;
  return new HttpProblem("too_many_requests", detail, { "retry-after": `${seconds}` });
}
