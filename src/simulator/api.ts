import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { type Owner, permitFor, tokenOf, usualOwner } from "./access.ts";
import type { Accounts } from "./accounts.ts";
import type { Reply } from "./call.ts";
import { consistencyOf } from "./consistency.ts";
import { ApiError, refusalBody } from "./errors.ts";
import { jsonAnswer, type Outcome, type SimulatorAnswer, type SimulatorRequest } from "./exchange.ts";
import { delay, faultAnswer } from "./fault-answer.ts";
import { type Fault, type Faults, replacesAnswer } from "./faults.ts";
import type { Settings } from "./options.ts";
import { type RateLimits, untouchedBudget } from "./rate-limits.ts";
import type { RequestCount } from "./request-count.ts";
import { readJson } from "./request-body.ts";
import { isForeign, notSimulated, otherRoutes } from "./not-simulated.ts";
import { type Match, type Router, routerOf } from "./router.ts";
import { routes } from "./routes.ts";

export interface ApiParts {
  accounts: Accounts;
  seed: number;
  settings: Settings;
  ids: Ids;
  faults: Faults;
  limits: RateLimits;
  requests: RequestCount;
  /** Resolves when the account is on the disk. */
  save(): Promise<void>;
  log: Log | undefined;
}

/** Everything under /v2: count, let in, misbehave as armed, answer, and keep what changed before saying so. */
export function apiOf(parts: ApiParts): (request: SimulatorRequest, signal?: AbortSignal) => Promise<Outcome> {
  const { accounts, settings, faults, limits, requests } = parts;
  const { clock } = settings;
  const consistency = consistencyOf(parts.seed, settings);
  const router = routerOf([...otherRoutes, ...routes]);
  const permit = permitFor(settings);

  const run = async (
    request: SimulatorRequest,
    match: Match | undefined,
    owner: Owner,
    fault: Fault | undefined,
  ): Promise<Reply> => {
    if (!match) throw noRoute(router, request);
    if (match.scope !== undefined) permit(match.scope);
    const account = accounts.of(owner);
    const body = readJson(request);
    const idsBefore = account.nextId;
    const isIneffective = fault?.kind === "ineffective";
    if (isIneffective && request.method === "DELETE") return { status: 204 };
    const reply = match.handler({
      account,
      who: accounts.identityOf(owner),
      settings,
      consistency,
      now: clock.now().getTime(),
      origin: settings.publicUrl ?? `${settings.scheme}://${request.headers.host ?? "localhost"}`,
      path: request.path,
      params: match.params,
      query: request.query ?? new URLSearchParams(),
      body,
      allow: permit,
      isIneffective,
      placementFails: fault?.kind === "placement_failure",
    });
    // A look can bring something about, a backup that was due: the id that it showed is kept too.
    if (request.method !== "GET" || account.nextId !== idsBefore) await parts.save();
    return reply;
  };

  const refusal = (
    error: unknown,
    name: string,
    requestId: string,
    headers: Record<string, string>,
  ): SimulatorAnswer => {
    if (!(error instanceof ApiError)) parts.log?.error({ err: error, requestId }, "simulator: answered 500");
    const told = error instanceof ApiError ? error : new ApiError(500);
    return jsonAnswer(told.status, refusalBody(name, told, requestId), headers);
  };

  return async (given, signal) => {
    const request = { ...given, method: given.method === "HEAD" ? "GET" : given.method };
    const { method, path } = request;
    const now = clock.now().getTime();
    const match = router.match(method, path);
    const name = match?.route ?? `${method} (no such route)`;
    const requestId = parts.ids.uuid();
    const headers = { ...untouchedBudget(now), "x-request-id": requestId };
    requests.add(name, now);
    if (method === "OPTIONS" && isKnown(router, path)) return preflight(headers);
    let owner = usualOwner;
    try {
      const token = tokenOf(request.headers.authorization, settings);
      owner = settings.owners.get(token) ?? usualOwner;
      const verdict = limits.take(token, name, now);
      Object.assign(headers, verdict.headers);
      if (!verdict.allowed) throw new ApiError(429);
    } catch (error) {
      return refusal(error, name, requestId, headers);
    }
    const fault = faults.take(method, path);
    const answer = async (): Promise<SimulatorAnswer> => {
      try {
        const reply = await run(request, match, owner, fault);
        return jsonAnswer(reply.status, reply.body, headers);
      } catch (error) {
        return refusal(error, name, requestId, headers);
      }
    };
    if (!fault) return answer();
    if (!replacesAnswer(fault)) {
      const changed = await answer();
      await delay(fault, clock, signal);
      return changed;
    }
    if (fault.after_commit) await answer();
    return faultAnswer(fault, name, requestId, headers, clock, signal);
  };
}

const isKnown = (router: Router, path: string): boolean => router.knows(path) || isForeign(path);

/** A path that DigitalOcean does not have is its own 404; what it has and the simulator has not says so. */
const noRoute = (router: Router, { method, path }: SimulatorRequest): ApiError =>
  isKnown(router, path) ? notSimulated(method, path) : new ApiError(404);

/** As DigitalOcean's pages show it, for every path. A web page never sees it: the server turns those away. */
const preflight = (headers: Record<string, string>): SimulatorAnswer =>
  jsonAnswer(204, undefined, {
    ...headers,
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-expose-headers": "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Total, Link",
    "access-control-max-age": "86400",
    "access-control-allow-credentials": "true",
  });
