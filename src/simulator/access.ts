import { ApiError } from "./errors.ts";
import type { Settings } from "./options.ts";

/** The bearer token of an Authorization header. Throws a 401 without one, and when only another one is accepted. */
export function tokenOf(authorization: string | undefined, settings: Pick<Settings, "token">): string {
  const token = /^Bearer +(\S+)\s*$/i.exec(authorization ?? "")?.[1];
  if (token === undefined || (settings.token !== undefined && token !== settings.token)) throw new ApiError(401);
  return token;
}

/** Throws a 403 for what the token's scopes leave out. */
export function permitFor(settings: Pick<Settings, "scopes">): (scope: string) => void {
  const scopes = settings.scopes && new Set(settings.scopes);
  return (scope) => {
    if (scopes && !scopes.has(scope)) throw new ApiError(403);
  };
}
