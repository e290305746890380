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
import { type Match, routerOf } from "./router.ts";
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
  const route = routerOf(routes);
  const permit = permitFor(settings);

  const run = async (
    request: SimulatorRequest,
    match: Match | undefined,
    owner: Owner,
    fault: Fault | undefined,
  ): Promise<Reply> => {
    if (!match) throw new ApiError(404);
    permit(match.scope);
    const body = readJson(request);
    if (fault?.kind === "ineffective") return { status: 204 };
    const reply = match.handler({
      account: accounts.of(owner),
      who: accounts.identityOf(owner),
      settings,
      consistency,
      now: clock.now().getTime(),
      origin: `http://${request.headers.host ?? "localhost"}`,
      path: request.path,
      params: match.params,
      query: request.query ?? new URLSearchParams(),
      body,
      allow: permit,
      placementFails: fault?.kind === "placement_failure",
    });
    if (request.method !== "GET") await parts.save();
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

  return async (request, signal) => {
    const { method, path } = request;
    const now = clock.now().getTime();
    const match = route(method, path);
    const name = match?.route ?? `${method} (no such route)`;
    const requestId = parts.ids.uuid();
    const headers = { ...untouchedBudget(now), "x-request-id": requestId };
    requests.add(name, now);
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
