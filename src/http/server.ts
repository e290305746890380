import { maxHeaderSize } from "node:http";
import helmet from "@fastify/helmet";
import fastify, { LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { knownTokens } from "#tokens/known-tokens.ts";
import type { App } from "./plumbing/app.ts";
import { adoptRoutes } from "./routes/adopt.ts";
import { auditRefusals } from "./plumbing/audit-refusals.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authenticate } from "./plumbing/auth.ts";
import { parseBodies } from "./plumbing/body-parser.ts";
import { changer } from "./plumbing/change.ts";
import type { Dependencies } from "./plumbing/dependencies.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { deploymentRoutes } from "./routes/deployments.ts";
import { dropletRoutes } from "./routes/droplets.ts";
import { answerError } from "./plumbing/errors.ts";
import { readForwarded } from "./plumbing/forwarded.ts";
import { healthRoutes } from "./routes/health.ts";
import { checkHost } from "./plumbing/host-check.ts";
import { inventoryRoutes } from "./routes/inventory.ts";
import { limitRequests } from "./plumbing/limit-requests.ts";
import { limits } from "./plumbing/limits.ts";
import { logRequests } from "./plumbing/log-requests.ts";
import { describeApi, serveDocument } from "./plumbing/open-api.ts";
import { operationRoutes } from "./routes/operations.ts";
import { providerRoutes } from "./routes/provider.ts";
import { readableUrl } from "./plumbing/readable-url.ts";
import { refuseConnection } from "./plumbing/refuse-connection.ts";
import { releaseRoutes } from "./routes/releases.ts";
import { removalRoutes } from "./routes/removal.ts";
import { sagaEventRoutes } from "./routes/saga-events.ts";
import { sagaRoutes } from "./routes/sagas.ts";
import { costRoutes } from "./routes/costs.ts";
import { statsRoutes } from "./routes/stats.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { answerUnknownRoute } from "./plumbing/unknown-route.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

const routes = [
  tenantRoutes,
  deploymentRoutes,
  adoptRoutes,
  removalRoutes,
  releaseRoutes,
  operationRoutes,
  dropletRoutes,
  sagaRoutes,
  sagaEventRoutes,
  inventoryRoutes,
  providerRoutes,
  statsRoutes,
  costRoutes,
  tokenRoutes,
  auditRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
  healthRoutes,
  dashboardRoutes,
];

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
    bodyLimit: limits.bodyBytes,
    requestTimeout: 60_000,
    trustProxy: deps.trustedProxies?.length ? [...deps.trustedProxies] : false,
    exposeHeadRoutes: false,
    rewriteUrl: readableUrl,
    // A longer one than any id is found to be none by its route: the router would refuse it past every hook.
    routerOptions: { maxParamLength: maxHeaderSize },
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
  auditRefusals(app, deps);
  // Over plain http, at an address of one's own network, nothing could be upgraded.
  await app.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  const known = knownTokens(deps.db);
  const countToken = await limitRequests(app, { known, clock: deps.clock }, { ...limits, ...deps });
  app.addHook("onRequest", checkHost(deps.host, deps.publicUrl));
  app.addHook("onRequest", authenticate(deps.db, known, deps.clock));
  app.addHook("onRequest", countToken);
  await describeApi(app);
  const given = { ...deps, change: changer(deps) };
  for (const add of routes) add(app, given);
  serveDocument(app);
  return app;
}
