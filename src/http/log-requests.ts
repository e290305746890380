import type { Clock } from "#clock.ts";
import { secondsBetween } from "#clock.ts";
import type { App } from "./app.ts";

declare module "fastify" {
  interface FastifyRequest {
    receivedAt: Date | null;
  }
}

/** One line per request: what was called, by whom, and how it ended. Never its query, headers or body. */
export function logRequests(app: App, clock: Clock): void {
  app.decorateRequest("receivedAt", null);
  app.addHook("onRequest", async (request, reply) => {
    request.receivedAt = clock.now();
    void reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    const seconds = request.receivedAt ? secondsBetween(request.receivedAt, clock.now()) : undefined;
    const line = {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      seconds,
      token_name: request.caller?.name,
      address: request.ip,
    };
    if (request.routeOptions.url?.startsWith("/v1/")) request.log.info(line, "request");
    else request.log.debug(line, "request");
  });
}
