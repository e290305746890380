import type { ProviderRow } from "./provider.ts";

/** The account behind a token, as the provider tells it. */
export interface Account {
  /** The uuid of the user who made the token. */
  readonly user: string;
  /** The uuid of the team whose resources it reaches; null: the user's own, without a team. */
  readonly team: string | null;
  readonly status: string;
  readonly statusMessage: string;
  readonly dropletLimit: number | null;
  readonly reservedIpLimit: number | null;
  readonly simulated: boolean;
  /** Whether it has shown something that this database knows to be its own; asked only where that decides. */
  readonly isProven: boolean;
}

/** Who owns what the token reaches: a team, else the user. */
export const identityOf = ({ team, user }: Pick<Account, "team" | "user">): string => team ?? user;

/**
 * Whether the account is the one of this database. `first`: it has met none yet. `by its user`: only the user is known,
 * as a release before this one noted it, or since the account was the user's own before it became a team's. One user may
 * have several teams: which of them it is has to be proven.
 */
export function compare(
  told: Pick<Account, "team" | "user">,
  ours: Pick<ProviderRow, "account_uuid" | "account_of">,
): "first" | "ours" | "by its user" | "another" {
  if (ours.account_uuid === null) return "first";
  const isOwn = told.team === null;
  if (ours.account_of === (isOwn ? "user" : "team") && ours.account_uuid === identityOf(told)) return "ours";
  return ours.account_of !== "team" && ours.account_uuid === told.user ? "by its user" : "another";
}

/** What DigitalOcean has to say about an account that is not simply active; null where it has nothing to say. */
export function remarkOn(status: string | null, message: string | null): string | null {
  if (status === null || status === "active") return null;
  const words = message ? ` ("${message}")` : "";
  if (status === "locked")
    return `DigitalOcean has locked the account${words}: nothing can be done there until its support unlocks it`;
  return `DigitalOcean says of the account: ${status}${words}`;
}
