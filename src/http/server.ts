import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify, { LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { App } from "./app.ts";
import { auditRoutes } from "./audit.ts";
import { authenticate } from "./auth.ts";
import { parseBodies } from "./body-parser.ts";
import { changer } from "./change.ts";
import type { Dependencies } from "./dependencies.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { deploymentRoutes } from "./deployments.ts";
import { dropletRoutes } from "./droplets.ts";
import { answerError } from "./errors.ts";
import { readForwarded } from "./forwarded.ts";
import { healthRoutes } from "./health.ts";
import { checkHost } from "./host-check.ts";
import { inventoryRoutes } from "./inventory.ts";
import { logRequests } from "./log-requests.ts";
import { describeApi, serveDocument } from "./open-api.ts";
import { HttpProblem } from "./problem.ts";
import { providerRoutes } from "./provider.ts";
import { refuseConnection } from "./refuse-connection.ts";
import { removalRoutes } from "./removal.ts";
import { sagaEventRoutes } from "./saga-events.ts";
import { sagaRoutes } from "./sagas.ts";
import { statsRoutes } from "./stats.ts";
import { tenantRoutes } from "./tenants.ts";
import { tokenRoutes } from "./tokens.ts";
import { answerUnknownRoute } from "./unknown-route.ts";
import { webhookDeliveryRoutes } from "./webhook-deliveries.ts";
import { webhookRoutes } from "./webhooks.ts";

/** 64 KiB of user_data can be six times that long in JSON escapes; nothing else is nearly as large. */
const bodyLimit = 512 * 1024;

const routes = [
  tenantRoutes,
  deploymentRoutes,
  removalRoutes,
  dropletRoutes,
  sagaRoutes,
  sagaEventRoutes,
  inventoryRoutes,
  providerRoutes,
  statsRoutes,
  tokenRoutes,
  auditRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
  healthRoutes,
  dashboardRoutes,
];

/**
 * Whom requests are counted for: an address, or the network of an IPv6 one, of which anybody has 2^64. Of a client that
 * has gone already, Node.js does not know it any more.
 */
const addressOf = ({ ip }: { readonly ip: string | undefined }): string =>
  ip === undefined ? "gone" : rateLimit.normalizeIP(ip);

/**
 * The HTTP API, not listening yet: `await app.listen({ host: deps.host, port })`. `app.close()` ends the event streams
 * at once and waits for the requests that run.
 * @throws when a route is missing in the table of access.ts
 */
export async function createServer(deps: Dependencies): Promise<App> {
  const app: App = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    genReqId: () => deps.ids.uuid(),
    requestIdHeader: false,
    bodyLimit,
    requestTimeout: 60_000,
    trustProxy: deps.trustedProxies?.length ? [...deps.trustedProxies] : false,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: refuseConnection,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerUnknownRoute);
  parseBodies(app);
  app.decorateRequest("caller", null);

  app.addHook("onRequest", readForwarded);
  logRequests(app, deps.clock);
  app.addHook("onRequest", checkHost(deps.host, deps.publicUrl));
  // Over plain http, at an address of one's own network, nothing could be upgraded.
  await app.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  await app.register(rateLimit, {
    max: deps.requestsPerMinute ?? 60_000,
    timeWindow: 60_000,
    keyGenerator: addressOf,
    errorResponseBuilder: (_request, limit) =>
      new HttpProblem("too_many_requests", `More than ${limit.max} requests in a minute; try again in ${limit.after}`),
  });
  app.addHook("onRequest", authenticate(deps.db, deps.clock));
  await describeApi(app);
  const given = { ...deps, change: changer(deps) };
  for (const add of routes) add(app, given);
  serveDocument(app);
  return app;
}
