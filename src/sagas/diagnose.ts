import { after, type Clock } from "#clock.ts";
import { DigitalOceanError, isOutage, type Reason } from "#digitalocean/errors.ts";
import { type Diagnosis, diagnosePlain } from "#engine/failure.ts";
import type { Contact } from "#fleet/contact.ts";

/** Refusals that asking again does not change. */
const permanent: ReadonlySet<Reason> = new Set(["forbidden", "invalid", "droplet_limit", "not_found"]);

/** What an error of the provider means for the step that met it. */
export function createDiagnose(options: { clock: Clock; contact: Contact; pollMs: number }) {
  return async (error: unknown): Promise<Diagnosis> => {
    if (!(error instanceof DigitalOceanError)) return diagnosePlain(error);
    const { clock, contact, pollMs } = options;
    const { message, reason: code } = error;
    if (code === "rate_limited") {
      const until = error.retryAt ?? after(clock.now(), pollMs);
      return { kind: "wait", until, waitingFor: "room in the provider's request budget" };
    }
    if (isOutage(error)) {
      // One failing request does not tell a broken provider from a broken call: the account does (rule 19).
      const provider = await contact.check();
      if (provider.status !== "up") {
        const waitingFor = provider.reason ?? "the provider";
        return { kind: "wait", until: after(clock.now(), pollMs), waitingFor, watching: "provider" };
      }
    }
    return { kind: permanent.has(code) ? "permanent" : "retry", code, message };
  };
}
