import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { isEnded, type KnownTokens } from "#tokens/known-tokens.ts";
import { findTokenByHash, type TokenRow, touchToken } from "#tokens/queries.ts";
import { access, reaches } from "./access.ts";
import type { Caller } from "./caller.ts";
import { HttpProblem } from "./problem.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Null on open routes. */
    caller: Caller | null;
  }
}

/** Refuses a request before its body is read, unless its token may call its route. */
export function authenticate(db: Db, known: KnownTokens, clock: Clock): onRequestAsyncHookHandler {
  return async (request) => {
    const url = request.routeOptions.url;
    if (url === undefined || request.is404) return;
    const rule = access[`${request.method} ${url}`];
    if (rule?.role === "open") return;
    const token = await findToken(db, known, clock, request);
    request.caller = { tokenId: token.id, name: token.name, role: token.role, tenantId: token.tenant_id };
    if (!rule || !reaches(token.role, rule.role))
      throw new HttpProblem("forbidden", `This needs the role ${rule?.role}; the token has ${token.role}`);
    if (rule.scope === "all" && token.tenant_id)
      throw new HttpProblem("forbidden", "This is not one tenant's; the token is bound to a tenant");
    await touchToken(db, token, clock.now());
  };
}

/** The caller of a route that is not open. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new HttpProblem("missing_token", "Send `Authorization: Bearer <token>`", challenge());
  return request.caller;
}

async function findToken(db: Db, known: KnownTokens, clock: Clock, request: FastifyRequest): Promise<TokenRow> {
  const { bearer } = request;
  if (!request.headers.authorization)
    throw new HttpProblem("missing_token", "Send `Authorization: Bearer <token>`", challenge());
  const ends = bearer === null ? undefined : await known.find(bearer);
  if (bearer === null || !ends)
    throw new HttpProblem("invalid_token", "This token is not known here", challenge("unknown"));
  // An end is for good, so only a token that seems to be taken is asked about.
  refuseEnded(ends, clock);
  const token = await findTokenByHash(db, bearer);
  if (!token || isEnded(token, clock.now())) known.forget(bearer);
  if (!token) throw new HttpProblem("invalid_token", "This token is not known here", challenge("unknown"));
  refuseEnded(token, clock);
  return token;
}

function refuseEnded(token: Pick<TokenRow, "revoked_at" | "expires_at">, clock: Clock): void {
  if (!isEnded(token, clock.now())) return;
  if (token.revoked_at) throw new HttpProblem("revoked_token", "This token was revoked", challenge("revoked"));
  throw new HttpProblem("expired_token", "This token has expired", challenge("expired"));
}

/** RFC 6750, section 3. */
const challenge = (why?: "unknown" | "revoked" | "expired"): Record<string, string> => ({
  "www-authenticate": why
    ? `Bearer realm="arcadia", error="invalid_token", error_description="the token is ${why}"`
    : 'Bearer realm="arcadia"',
});
