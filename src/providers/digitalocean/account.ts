import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";

const text = z
  .string()
  .nullish()
  .transform((it) => it ?? "");

const limit = z.int32().nonnegative().nullish().catch(null);

/**
 * Whose token it is. Only the user's uuid is required: a team's is there "when authorized in a team context", and the
 * droplet limit needs the scope droplet:read (official document, models/account.yml).
 */
const account = z
  .object({
    uuid: z.string().min(1),
    team: z.object({ uuid: z.string().min(1) }).nullish(),
    droplet_limit: limit,
    // By its name of before reserved IPs were called so.
    floating_ip_limit: limit,
    status: text,
    status_message: text,
  })
  .transform((it): Account => ({
    uuid: it.uuid,
    team_uuid: it.team?.uuid ?? null,
    droplet_limit: it.droplet_limit ?? null,
    reserved_ip_limit: it.floating_ip_limit ?? null,
    status: it.status.trim().toLowerCase() || "active",
    status_message: it.status_message.trim(),
  }));

export interface Account {
  /** The uuid of the user who made the token. */
  readonly uuid: string;
  /** The uuid of the team whose resources the token reaches; null: the user's own, without a team. */
  readonly team_uuid: string | null;
  /** Null where the token may not see it, or it is no number that makes sense. */
  readonly droplet_limit: number | null;
  /** How many reserved IPs there may be at once; null as above. */
  readonly reserved_ip_limit: number | null;
  /** `active`, `warning` or `locked`; another one is passed on as it is. */
  readonly status: string;
  /** What DigitalOcean says about the status; often empty. */
  readonly status_message: string;
}

export interface AccountApi {
  /** Whose token this is, how the account stands, and how many droplets it may have. */
  get(call: Call): Promise<Account>;
}

export function createAccount(http: Http): AccountApi {
  const schema = z.object({ account }).transform((body) => body.account);
  return { get: (call) => http.send({ method: "GET", route: "/v2/account", schema }, call) };
}
