import type { FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { findTokenByHash, type TokenRow, touchToken } from "#tokens/queries.ts";
import { hashOfToken } from "#tokens/token-secret.ts";
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
export function authenticate(db: Db, clock: Clock): onRequestAsyncHookHandler {
  return async (request) => {
    const url = request.routeOptions.url;
    if (url === undefined || request.is404) return;
    const rule = access[`${request.method} ${url}`];
    if (rule?.role === "open") return;
    const token = await findToken(db, clock, request);
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

async function findToken(db: Db, clock: Clock, request: FastifyRequest): Promise<TokenRow> {
  const header = request.headers.authorization;
  if (!header) throw new HttpProblem("missing_token", "Send `Authorization: Bearer <token>`", challenge());
  const secret = /^bearer +([\x21-\x7e]{1,200})$/i.exec(header)?.[1];
  const token = secret === undefined ? undefined : await findTokenByHash(db, hashOfToken(secret));
  if (!token) throw new HttpProblem("invalid_token", "This token is not known here", challenge("unknown"));
  if (token.revoked_at) throw new HttpProblem("revoked_token", "This token was revoked", challenge("revoked"));
  if (token.expires_at && token.expires_at <= clock.now())
    throw new HttpProblem("expired_token", "This token has expired", challenge("expired"));
  return token;
}

/** RFC 6750, section 3. */
const challenge = (why?: "unknown" | "revoked" | "expired"): Record<string, string> => ({
  "www-authenticate": why
    ? `Bearer realm="arcadia", error="invalid_token", error_description="the token is ${why}"`
    : 'Bearer realm="arcadia"',
});
