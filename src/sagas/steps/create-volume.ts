import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { tagsOf } from "#resources/kinds/droplet-handle.ts";
import { ensure } from "#resources/ensure.ts";
import { volume } from "#resources/kinds/volume.ts";
import { volumeHandleOf, volumeLabel } from "#resources/kinds/volume-handle.ts";
import { remove } from "#resources/remove.ts";
import { volume as spec, type VolumeSpec } from "#volume.ts";
import { step, type StepContext } from "../step-context.ts";

/** What a saga is told of the volume that it makes; null: none. One that an earlier release began has none. */
export const volumeInput = spec.nullable().default(null);

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly tenant_id: string;
    readonly name: string;
    readonly region: string;
    /** Null: this step is left out. */
    readonly volume: VolumeSpec | null;
  };
}
type Io = StepContext & Attempt<never>;

/** Before its droplet, which is made with it. Until that serves there is nothing on it: undone, it is removed. */
export const createVolume = step({
  name: "create_volume",
  writes: z.object({ volume_id: z.string() }),
  undoAfter: ["create_droplet"],
  budget: (io: StepContext) => ({ tries: 8, ms: 20 * 60_000 + 4 * io.timing.settle }),

  async execute({ input: { deployment_id, tenant_id, name, region, volume: wanted } }: Reads, io: Io) {
    if (!wanted) throw new Error("A volume that nobody has asked for");
    const asked = {
      handle: volumeHandleOf(io.saga.id, name, region),
      owner: { deployment_id, tenant_id },
      spec: async () => ({
        size_gigabytes: wanted.size_gib,
        filesystem_type: wanted.filesystem,
        filesystem_label: volumeLabel,
        tags: tagsOf(io.saga.id, io.installId),
      }),
    };
    return ensure(io, volume, asked, async ({ id }) => ({ volume_id: id }));
  },

  compensate: async (_reads, io: Io) => remove(io, volume, async () => undefined),
});
