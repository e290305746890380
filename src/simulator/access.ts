import { ApiError } from "./errors.ts";
import type { Settings } from "./options.ts";

/** Who made a token, and for which team; both by name. Null: for the user's own account, without a team. */
export interface Owner {
  user: string;
  team: string | null;
}

/** Whose every token is that was not said to be somebody else's. */
export const usualOwner: Owner = { user: "operator", team: "main" };

/** The bearer token of an Authorization header. Throws a 401 without one, and for one that is not accepted. */
export function tokenOf(authorization: string | undefined, settings: Pick<Settings, "token" | "owners">): string {
  const token = /^Bearer +(\S+)\s*$/i.exec(authorization ?? "")?.[1];
  const accepts = (it: string): boolean =>
    settings.token === undefined || it === settings.token || settings.owners.has(it);
  if (token === undefined || !accepts(token)) throw new ApiError(401);
  return token;
}

/** Throws a 403 for what the token's scopes leave out. */
export function permitFor(settings: Pick<Settings, "scopes">): (scope: string) => void {
  const scopes = settings.scopes && new Set(settings.scopes);
  return (scope) => {
    if (scopes && !scopes.has(scope)) throw new ApiError(403);
  };
}
