import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { type Account, compare, remarkOn } from "#provider/account.ts";
import type { Finding } from "#provider/contacts.ts";
import { readProvider } from "#provider/provider.ts";
import { proveAccount } from "./prove-account.ts";

/** What came of asking the provider whose account it is. */
export interface Whose {
  readonly told: Finding["told"];
  /** It knows no such token: another answer may be long in coming. */
  readonly isRefused: boolean;
  /** Before that, the provider does not want to be asked again. */
  readonly retryAt: Date | undefined;
  readonly error?: unknown;
}

/** How long the provider may take to tell the account, tries and pauses included. Milliseconds. */
const patienceMs = 10_000;

interface Asking {
  readonly db: Db;
  readonly clock: Clock;
  readonly digitalOcean: DigitalOcean;
  readonly simulated: boolean;
}

/**
 * Asks the provider whose account is behind our token.
 * @param isOurs whether the last answer was: our account. Only then the question is one of our budget's requests
 * @throws what says nothing about the provider: our own budget has no room, or `closing` aborts
 */
export async function askWhose(options: Asking, isOurs: boolean, closing: AbortSignal): Promise<Whose> {
  const patience = options.clock.timeout(patienceMs);
  try {
    const signal = AbortSignal.any([closing, patience]);
    const told = await ask(options, { priority: "undo", shared: true, signal, unbudgeted: !isOurs });
    return { told, isRefused: false, retryAt: undefined };
  } catch (error) {
    if (patience.aborted && !closing.aborted) {
      const reason = `the provider does not answer within ${patienceMs / 1000} s`;
      return { told: { reason }, isRefused: false, retryAt: undefined, error };
    }
    if (!(error instanceof DigitalOceanError) || error.reason === "aborted") throw error;
    // Who could work before can work again once there is room; of who could not, it is all that is known.
    if (error.reason === "rate_limited" && isOurs) throw error;
    const isRefused = error.reason === "unauthorized";
    return { told: { reason: describe(error) }, isRefused, retryAt: error.retryAt, error };
  }
}

async function ask(options: Asking, call: Call): Promise<Account> {
  const told = await options.digitalOcean.account.get(call);
  const account = {
    user: told.uuid,
    team: told.team_uuid,
    status: told.status,
    statusMessage: told.status_message,
    dropletLimit: told.droplet_limit,
    reservedIpLimit: told.reserved_ip_limit,
  };
  const isKnownByUser = compare(account, await readProvider(options.db)) === "by its user";
  const isProven = isKnownByUser && (await proveAccount(options, call));
  return { ...account, simulated: options.simulated, isProven };
}

function describe(error: DigitalOceanError): string {
  if (error.reason === "unauthorized") return "the provider refuses our token (401): check DIGITALOCEAN_TOKEN";
  const locked = error.reason === "account_locked" ? remarkOn("locked", error.detail ?? null) : null;
  if (locked !== null) return locked;
  if (error.reason === "server_error") return `the provider answers ${error.status}`;
  const lead = error.status ? "the provider cannot be worked with" : "the provider cannot be reached";
  return `${lead}: ${error.message}`;
}
