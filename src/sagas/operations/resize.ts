import { z } from "zod";
import { checkSpecification, sizeOf } from "#catalogue/check.ts";
import type { Tx } from "#db/connection.ts";
import { anySaga } from "#engine/saga.ts";
import { refuseFaults } from "#refusal.ts";
import { volumeOf, type VolumeSpec } from "#volume.ts";
import { bringPowerBack, bringPowerOff } from "../steps/bring-power.ts";
import { bringSize } from "../steps/bring-size.ts";
import { bringVolumeSize } from "../steps/bring-volume-size.ts";
import { recordSpecification } from "../steps/record-specification.ts";
import { heldVolume } from "../steps/snapshot-volume.ts";
import { waitHealthy } from "../steps/wait-new-droplet-healthy.ts";
import { saga } from "../step-context.ts";
import {
  hasCheck,
  healthInput,
  healthInputOf,
  inputOf,
  monthlyUsd,
  operation,
  operationInput,
  refuseAt,
  type Subject,
} from "./operation.ts";

const size_slug = z.string();
const input = operationInput.extend(healthInput.shape).extend({
  power: z.enum(["on", "off"]),
  /** As it is, where that stays. */
  size_slug,
  keeps_size: z.boolean().default(false),
  specification: z.object({ asked: z.object({ size_slug }), made: z.object({ size_slug }) }),
  volume: heldVolume,
  /** Null: its volume stays as it is, or there is none. */
  volume_gib: z.int().nullable().default(null),
});
type Input = z.output<typeof input>;
interface Asked {
  readonly input: Input;
}

const ofSize = { when: ({ input: it }: Asked) => !it.keeps_size };

/**
 * CPU and RAM alone, so that it can be undone: a disk that has grown never shrinks. A volume that grows comes last: nothing
 * after it can fail.
 */
export const resize = operation({
  saga: anySaga(
    saga("resize_deployment", input)
      .step(bringPowerOff, ofSize)
      .step(bringSize, ofSize)
      .step(bringPowerBack, ofSize)
      .step(waitHealthy, { when: (it: Asked) => ofSize.when(it) && hasCheck.when(it) })
      .step(recordSpecification, ofSize)
      .step(bringVolumeSize, { when: ({ input: it }) => typeof it.volume_gib === "number" }),
  ),
  body: z.object({ size_slug: size_slug.optional(), volume_gib: z.int().optional() }),
  async prepare(tx, subject, { size_slug: asked, volume_gib: gib }) {
    const { deployment, seen, volume } = subject;
    const current = seen?.size_slug ?? deployment.size_slug;
    const wanted = asked ?? current;
    const grown = gib === undefined ? undefined : grownVolume(subject, gib);
    const [before, then] = [await sizeOf(tx, current), await sizeOf(tx, wanted)];
    const disk = seen?.disk ?? before?.disk;
    if (asked !== undefined) await refuseSize(tx, subject, { current, wanted, disk }, then?.disk);
    const specification = { asked: { size_slug: wanted }, made: { size_slug: wanted } };
    const isOn = deployment.power === "on";
    return {
      ...(asked !== undefined && { size_slug: wanted }),
      ...(grown && { volume: grown }),
      input: {
        ...inputOf(subject),
        ...healthInputOf(subject, isOn),
        power: deployment.power,
        size_slug: wanted,
        keeps_size: asked === undefined,
        specification,
        volume,
        volume_gib: gib ?? null,
      },
      preview: {
        does: [
          ...(asked === undefined ? [] : sizeWords(subject, { current, wanted, disk })),
          ...(grown ? volumeWords(subject, grown) : []),
        ],
        cannot_undo: grown ? ["A volume that has grown never shrinks again"] : [],
        interruption: isOn && asked !== undefined ? "while it is off, two or three minutes" : null,
        monthly_usd: monthlyUsd(subject, before, then, grown && { volume: grown }),
      },
    };
  },
});

interface Change {
  readonly current: string;
  readonly wanted: string;
  /** In GB, as far as it is known. */
  readonly disk: number | undefined;
}

async function refuseSize(
  tx: Tx,
  { deployment, dropletId }: Subject,
  { current, wanted, disk }: Change,
  newDisk: number | undefined,
): Promise<void> {
  // What took hold after it had been given up, or was done by hand, can be kept: it is recorded then.
  const isRecorded = deployment.size_slug === wanted;
  refuseAt(
    "size_slug",
    wanted === current && isRecorded ? `droplet ${dropletId} has the size ${wanted} already` : undefined,
  );
  refuseFaults(await checkSpecification(tx, { region: deployment.region, size_slug: wanted }, null));
  if (disk !== undefined && newDisk !== undefined && newDisk < disk)
    refuseAt("size_slug", `size ${wanted} has a disk of ${newDisk} GB, the droplet's is ${disk}: a disk cannot shrink`);
}

function grownVolume({ deployment: { id, volume }, volume: held }: Subject, size_gib: number): VolumeSpec {
  const current = held && volumeOf(volume);
  refuseAt("volume_gib", current ? undefined : `deployment ${id} has no volume`);
  if (!current) throw new Error("A fault is refused");
  const least = current.size_gib + 1;
  refuseAt("volume_gib", size_gib < least ? `its volume has ${current.size_gib} GiB and only grows` : undefined);
  return { ...current, size_gib };
}

const sizeWords = ({ dropletId, health_check: check }: Subject, { current, wanted, disk }: Change): string[] => [
  current === wanted
    ? `Droplet ${dropletId} has the size ${wanted} already: that is recorded; it is turned off, and on again`
    : `Droplet ${dropletId} is turned off, changed from ${current} to ${wanted}, and turned on`,
  `CPU and RAM change; its disk of ${disk === undefined ? "today" : `${disk} GB`}, its address and its data stay`,
  check
    ? "It goes back to the old size when it does not come up, or its health check fails"
    : "It goes back to the old size when it does not come up",
];

const volumeWords = ({ deployment: { volume } }: Subject, { size_gib, filesystem }: VolumeSpec): string[] => [
  `Its volume grows from ${volumeOf(volume)?.size_gib} to ${size_gib} GiB, while it is in use`,
  `The filesystem on it does not grow by itself: ${filesystem === "xfs" ? "xfs_growfs" : "resize2fs"} on the droplet does that`,
];
