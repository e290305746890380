import { after } from "#clock.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { recheckMs } from "#resources/bring.ts";
import { recheckChange } from "#resources/changes.ts";
import { dropletPower } from "#resources/kinds/droplet-aspects.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import { sendWithinMs } from "#resources/settling.ts";
import type { Working } from "../step-context.ts";

/** How many polls go by between two looks. */
const everyPolls = 12;

/**
 * An old droplet without its volume that is on again serves those who are still led to it, without its data: looked at every
 * minute, it is turned off again. No more than that depends on it: what refuses is told, and holds nothing up.
 * @param lookedAt when it was last looked at
 * @returns when it was, by now
 */
export async function keepOff(dropletId: number, lookedAt: string | undefined, io: Working): Promise<string> {
  const now = io.clock.now();
  if (lookedAt !== undefined && after(new Date(lookedAt), everyPolls * io.timing.poll) > now) return lookedAt;
  if ((await getDroplet(io, dropletId))?.status === "active")
    try {
      const call = io.call(io.signal, { notAfter: after(now, sendWithinMs) });
      await io.digitalOcean.actions.start(dropletId, { type: "power_off" }, call);
      await io.note(`Droplet ${dropletId}, whose volume is on the new one, was on again; it is turned off`);
    } catch (error) {
      if (!(error instanceof DigitalOceanError) || error.reason === "rate_limited" || io.signal.aborted) throw error;
      await io.note(`Droplet ${dropletId} is on without its volume and could not be turned off (${error.message})`);
      // It may still take hold when a rollback has turned it on again.
      const power = { kind: droplet.name, id: String(dropletId), aspect: dropletPower.name, saga_id: io.saga.id };
      if (error.effect !== "none") await io.commit((tx) => recheckChange(tx, power, after(now, recheckMs)));
    }
  return now.toISOString();
}
