import { after, type Clock } from "#clock.ts";
import { isTransient, isUnreachable } from "#db/violation.ts";
import { DigitalOceanError, isOutage, type Reason } from "#providers/digitalocean/errors.ts";
import { type Diagnosis, diagnosePlain } from "#engine/failure.ts";
import type { Contact } from "#fleet/contact.ts";
import { PathDown } from "#probes/prober.ts";

/** Refusals that asking again does not change. A 404 is none: what a change of something meets may only not be shown yet (rule 17). */
const permanent: ReadonlySet<Reason> = new Set(["forbidden", "invalid", "droplet_limit"]);

/** What an error of the provider means for the step that met it. */
export function createDiagnose(options: { clock: Clock; contact: Contact; pollMs: number }) {
  return async (error: unknown, signal: AbortSignal): Promise<Diagnosis> => {
    const { clock, contact, pollMs } = options;
    // The step is not to blame for our own database, nor for a deadlock in it.
    if (isTransient(error) || isUnreachable(error))
      return { kind: "wait", until: after(clock.now(), 1000), waitingFor: "the database" };
    if (error instanceof PathDown)
      return { kind: "wait", until: after(clock.now(), 2 * pollMs), waitingFor: error.message };
    if (!(error instanceof DigitalOceanError)) return diagnosePlain(error);
    const { message, reason: code } = error;
    // Each has a turn of its own: nobody comes back in vain, and it is no news.
    const forRoom = (refused: DigitalOceanError): Diagnosis => ({
      kind: "wait",
      until: refused.retryAt ?? clock.now(),
      waitingFor: "room in the provider's request budget",
      isUsual: true,
    });
    if (code === "rate_limited") return forRoom(error);
    if (isOutage(error)) {
      // One failing request does not tell a broken provider from a broken call: the account does (rule 27).
      const provider = await contact.check(signal).catch((second: unknown) => {
        if (second instanceof DigitalOceanError && !signal.aborted) return second;
        throw second;
      });
      if (provider instanceof DigitalOceanError) {
        if (provider.reason === "rate_limited") return forRoom(provider);
      } else {
        const waitingFor = contact.objection(provider);
        const wait = { kind: "wait", until: after(clock.now(), pollMs) } as const;
        if (waitingFor !== undefined && provider.status !== "up") return { ...wait, waitingFor, watching: "provider" };
        // Others can work with it: nobody will give the time back that this wait takes, nor wake it.
        if (waitingFor !== undefined) return { ...wait, waitingFor };
      }
    }
    return { kind: permanent.has(code) ? "permanent" : "retry", code, message, requestId: error.requestId };
  };
}
