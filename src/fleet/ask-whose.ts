import type { Clock } from "#clock.ts";
import type { DigitalOcean } from "#digitalocean/client.ts";
import { DigitalOceanError } from "#digitalocean/errors.ts";
import type { Finding } from "#provider/contacts.ts";

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

/**
 * Asks the provider whose account is behind our token.
 * @param isOurs whether the last answer was: our account. Only then the question is one of our budget's requests
 * @throws what says nothing about the provider: our own budget has no room, or `closing` aborts
 */
export async function askWhose(
  { clock, digitalOcean, simulated }: { clock: Clock; digitalOcean: DigitalOcean; simulated: boolean },
  isOurs: boolean,
  closing: AbortSignal,
): Promise<Whose> {
  const patience = clock.timeout(patienceMs);
  try {
    const signal = AbortSignal.any([closing, patience]);
    const account = await digitalOcean.account.get({ priority: "undo", signal, unbudgeted: !isOurs });
    const told = { account, simulated };
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

function describe(error: DigitalOceanError): string {
  if (error.reason === "unauthorized") return "the provider refuses our token (401): check DIGITALOCEAN_TOKEN";
  if (error.reason === "server_error") return `the provider answers ${error.status}`;
  const lead = error.status ? "the provider cannot be worked with" : "the provider cannot be reached";
  return `${lead}: ${error.message}`;
}
