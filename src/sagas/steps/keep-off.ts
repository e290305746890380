import { after } from "#clock.ts";
import { againPolls, turnOffAgain } from "#resources/kinds/droplet-aspects.ts";
import type { Working } from "../step-context.ts";

/**
 * An old droplet without its volume that is on again serves those who are still led to it, without its data: looked at every
 * minute, it is turned off again. No more than that depends on it: what refuses is told, and holds nothing up.
 * @param lookedAt when it was last looked at
 * @returns when it was, by now
 */
export async function keepOff(dropletId: number, lookedAt: string | undefined, io: Working): Promise<string> {
  const now = io.clock.now();
  if (lookedAt !== undefined && after(new Date(lookedAt), againPolls * io.timing.poll) > now) return lookedAt;
  await turnOffAgain(io, dropletId, "whose volume is on the new one");
  return now.toISOString();
}
