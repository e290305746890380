import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { bring, putBack, putBackOrKeep } from "#resources/bring.ts";
import { dropletPower } from "#resources/kinds/droplet-aspects.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import type { OperationInput } from "./operation-input.ts";

export type Power = "on" | "off";
type Io = StepContext & Attempt<never>;

interface Reads {
  readonly input: OperationInput & { readonly power: Power };
}

/**
 * Turns the droplet on or off. On the way back a step that others depend on (`mayStay`) gives up where the provider
 * refuses: that a droplet is on at the end hangs on nothing before it (rule 40).
 */
const bringPower = <const Name extends string>(
  name: Name,
  goalOf: (reads: Reads) => Power,
  /** As it was before this step, as far as our rows tell. */
  knownOf: (reads: Reads) => Power,
  options: { readonly undoAfter?: readonly string[]; readonly mayStay?: true } = {},
) =>
  step({
    name,
    writes: z.object({}),
    ...(options.undoAfter && { undoAfter: options.undoAfter }),

    execute: async (reads: Reads, io: Io) => {
      const row = await theHeld(io.db, droplet, reads.input.droplet_id);
      const goal = goalOf(reads);
      const wanted = { goal, known: knownOf(reads) };
      return bring(io, { row, aspect: dropletPower }, wanted, async () => ({}));
    },

    async compensate({ input }, io: Io) {
      const row = await heldById(io.db, droplet, input.droplet_id);
      if (!row) return undefined;
      const it = { row, aspect: dropletPower };
      if (!options.mayStay) return putBack(io, it);
      return putBackOrKeep(io, it, async () => undefined);
    },
  });

/** As it is to be from now on. */
export const bringPowerAsWanted = bringPower(
  "bring_power",
  ({ input }) => input.power,
  ({ input }) => (input.power === "on" ? "off" : "on"),
);

/** So that its size can be changed. Undone last: what is undone before it needs a droplet that is off. */
export const bringPowerOff = bringPower(
  "bring_power_off",
  () => "off",
  ({ input }) => input.power,
  { undoAfter: ["bring_size", "bring_power_back"] },
);

/** As the deployment is to be. */
export const bringPowerBack = bringPower(
  "bring_power_back",
  ({ input }) => input.power,
  () => "off",
  { mayStay: true },
);
