import { z } from "zod";
import { growVolume } from "#deployments/specification.ts";
import type { Attempt } from "#engine/step.ts";
import { bring, keepAsItIs } from "#resources/bring.ts";
import { volumeSize } from "#resources/kinds/volume-aspects.ts";
import { volume } from "#resources/kinds/volume.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import type { HeldVolume } from "./snapshot-volume.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly volume: HeldVolume;
    /** Null: this step is left out. */
    readonly volume_gib: number | null;
  };
}
type Io = StepContext & Attempt<never>;

/** While the droplet runs. What has grown stays, and is what the deployment has from then on (rule 40). */
export const bringVolumeSize = step({
  name: "bring_volume_size",
  writes: z.object({}),
  notByHand: "undo",

  async execute({ input }: Reads, io: Io) {
    const { volume: held, volume_gib: goal } = input;
    if (!held || goal === null) throw new Error("A volume that is to grow, and is not named");
    const row = await theHeld(io.db, volume, held.provider_id);
    return bring(io, { row, aspect: volumeSize }, { goal }, async (tx) => {
      await growVolume(tx, changeOf(input, io), goal);
      return {};
    });
  },

  async compensate({ input }, io: Io) {
    const row = input.volume && (await heldById(io.db, volume, input.volume.provider_id));
    if (!row) return undefined;
    return keepAsItIs(io, { row, aspect: volumeSize }, (tx, size) => growVolume(tx, changeOf(input, io), size));
  },
});

const changeOf = ({ deployment_id }: Reads["input"], io: Io) => ({
  deployment_id,
  sagaId: io.saga.id,
  at: io.clock.now(),
});
