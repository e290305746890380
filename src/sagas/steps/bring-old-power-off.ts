import { z } from "zod";
import { after } from "#clock.ts";
import { type Attempt, snooze, type Snooze } from "#engine/step.ts";
import type { Check } from "#probes/check.ts";
import { bring, putBack } from "#resources/bring.ts";
import { changeOf } from "#resources/changes.ts";
import { dropletPower } from "#resources/kinds/droplet-aspects.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly hostname: string;
    /** The old one, and its address. */
    readonly droplet_id: number;
    readonly address: string | null;
    readonly health_check: Check | null;
  };
}
type Io = StepContext & Attempt<never>;

export const bringOldPowerOffName = "bring_old_power_off";

/** For so long, at most, the app on the old droplet has to answer again before the hostname is led back to it. Milliseconds. */
const answersAgainMs = 5 * 60_000;

/** A volume is taken off a droplet that is off. From here on the tenant is down, until the new one is well. */
export const bringOldPowerOff = step({
  name: bringOldPowerOffName,
  writes: z.object({ down_since: z.iso.datetime() }),
  undoAfter: ["move_volume"],

  async execute({ input }: Reads, io: Io) {
    const row = await theHeld(io.db, droplet, input.droplet_id);
    return bring(io, { row, aspect: dropletPower }, { goal: "off" as const, known: "on" as const }, async (tx) => {
      const change = await changeOf(tx, row, dropletPower.name, { saga_id: io.saga.id, step: io.step });
      return { down_since: (change?.created_at ?? io.startedAt).toISOString() };
    });
  },

  /** With its volume it serves again; only then is the hostname led back to it. */
  async compensate({ input }, io: Io) {
    const row = await heldById(io.db, droplet, input.droplet_id);
    if (!row) return undefined;
    const power = () => changeOf(io.db, row, dropletPower.name, { saga_id: io.saga.id, step: io.step });
    if (!(await power())) return undefined;
    const waiting = await putBack(io, { row, aspect: dropletPower });
    if (waiting) return waiting;
    // What is gone, or somebody else's by now, is not waited for.
    return (await power())?.phase === "left" ? undefined : answersAgain(input, io);
  },
});

/** What does not answer in time is led back to all the same: there is nobody else. */
async function answersAgain(input: Reads["input"], io: Io): Promise<Snooze | undefined> {
  const { health_check: check, address, hostname, deployment_id: whose, droplet_id } = input;
  if (!check || address === null) return undefined;
  const timeoutMs = check.timeout_seconds * 1000;
  const answer = await io.prober.ask({ whose, serves: false }, check, { address, hostname }, timeoutMs, io.signal);
  if (answer.kind === "healthy") return undefined;
  const now = io.clock.now();
  const app = `the app on droplet ${droplet_id}`;
  if (now < after(io.startedAt, answersAgainMs))
    return snooze(after(now, check.interval_seconds * 1000), `${app} to answer again (${answer.said})`);
  await io.note(`Droplet ${droplet_id} has its volume and is on again, and does not answer yet: ${answer.said}`);
  return undefined;
}
