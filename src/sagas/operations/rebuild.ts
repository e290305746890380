import { z } from "zod";
import { checkSpecification, imageOf } from "#catalogue/check.ts";
import type { Tx } from "#db/connection.ts";
import { anySaga } from "#engine/saga.ts";
import { refuseFaults } from "#refusal.ts";
import { holdSnapshot } from "#snapshots/queries.ts";
import { bringImage } from "../steps/bring-image.ts";
import { bringPowerAsWanted } from "../steps/bring-power.ts";
import { recordSpecification, type Recorded } from "../steps/record-specification.ts";
import { snapshotDroplet } from "../steps/snapshot-droplet.ts";
import { hasVolume, snapshotVolume } from "../steps/snapshot-volume.ts";
import { waitHealthy } from "../steps/wait-new-droplet-healthy.ts";
import { saga } from "../step-context.ts";
import { hasCheck, healthInput, healthInputOf, operation, type Prepared, refuseAt, type Subject } from "./operation.ts";
import { snapshotInput, snapshotInputOf, snapshotWords } from "./snapshot.ts";

const image = z.string();
const specification = z.object({ image });
const input = snapshotInput.extend(healthInput.shape).extend({
  power: z.enum(["on", "off"]),
  image,
  specification: z.object({ asked: specification.optional(), made: specification }),
});
const days = z.int();

/** The disk is written anew; id, address and price stay. Undone, it comes back from the snapshot taken before. */
const sagaOf = (name: string) =>
  anySaga(
    saga(name, input)
      .step(snapshotDroplet)
      .step(snapshotVolume, hasVolume)
      .step(bringImage)
      .step(bringPowerAsWanted)
      .step(waitHealthy, hasCheck)
      .step(recordSpecification),
  );

export const rebuild = operation({
  saga: sagaOf("rebuild_deployment"),
  power: "on",
  body: z.object({ image: z.union([z.string(), z.int()]), keep_snapshot_days: days }),
  async prepare(tx, subject, { image: asked, keep_snapshot_days: keep }) {
    const wanted = String(asked);
    const { region, image: own } = subject.deployment;
    // What it was made from is its own: an operator may have given it a private one.
    refuseFaults(await checkSpecification(tx, { region, image: wanted }, wanted === own ? null : subject.onlyTenant));
    const entry = await imageOf(tx, wanted);
    // As a droplet shows it: by its slug where it has one.
    const shown = entry?.slug ?? wanted;
    refuseAt("image", tooLarge(subject, `image ${wanted}`, entry?.min_disk_size));
    const made = { image: shown };
    return prepared(subject, { keep, image: shown, specification: { asked: made, made }, what: `the image ${shown}` });
  },
});

export const restore = operation({
  saga: sagaOf("restore_deployment"),
  power: "on",
  body: z.object({ snapshot: z.string(), keep_snapshot_days: days }),
  async prepare(tx, subject, { snapshot, keep_snapshot_days: keep }) {
    const { image: made, name } = await snapshotOf(tx, subject, snapshot);
    // What the deployment is made from stays: the snapshot is gone one day.
    return prepared(subject, {
      keep,
      image: made,
      specification: { made: { image: made } },
      what: `the snapshot ${name}`,
    });
  },
});

async function snapshotOf(tx: Tx, subject: Subject, which: string): Promise<{ image: string; name: string }> {
  const { id, region } = subject.deployment;
  const found = await holdSnapshot(tx, id, which);
  refuseAt("snapshot", found ? undefined : `deployment ${id} has no snapshot ${which}`);
  if (!found?.provider_id) throw new Error(`Snapshot ${which} is there and has no id`);
  const { name, min_disk: needed } = found;
  refuseAt(
    "snapshot",
    found.region === region ? undefined : `snapshot ${name} is in ${found.region}, not in ${region}`,
  );
  refuseAt("snapshot", tooLarge(subject, `snapshot ${name}`, needed));
  return { image: found.provider_id, name };
}

function tooLarge({ seen }: Subject, what: string, needed: number | null | undefined): string | undefined {
  const disk = seen?.disk;
  if (!needed || disk === null || disk === undefined || needed <= disk) return undefined;
  return `${what} needs a disk of ${needed} GB, the droplet's is ${disk}`;
}

const prepared = (
  subject: Subject,
  it: { readonly keep: number; readonly image: string; readonly specification: Recorded; readonly what: string },
): Prepared => ({
  input: {
    ...snapshotInputOf(subject, it.keep),
    ...healthInputOf(subject),
    power: subject.deployment.power,
    image: it.image,
    specification: it.specification,
  },
  preview: {
    does: [
      snapshotWords(subject, it.keep),
      `Then the disk of droplet ${subject.dropletId} is written anew from ${it.what}; its id, address and price stay`,
      ...(subject.volume ? ["Its volume, with the data, stays attached and as it is"] : []),
      "It boots with the user_data of its creation: DigitalOcean keeps that with the droplet",
      "When it fails, the disk comes back from the snapshot",
    ],
    cannot_undo: ["All that is written to the droplet's own disk after the snapshot is lost"],
    interruption: "while the disk is written and until it has booted, some minutes",
  },
});
