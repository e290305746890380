import { z } from "zod";
import { snapshotUsdPerGib } from "#costs/snapshot-price.ts";
import { anySaga } from "#engine/saga.ts";
import { snapshotDroplet } from "../steps/snapshot-droplet.ts";
import { hasVolume, heldVolume, snapshotVolume } from "../steps/snapshot-volume.ts";
import { saga } from "../step-context.ts";
import { inputOf, operation, operationInput, type Subject } from "./operation.ts";

export const snapshotInput = operationInput.extend({
  snapshot_name: z.string(),
  keep_snapshot_days: z.int(),
  region: z.string(),
  image_before: z.string(),
  disk: z.int().nullable(),
  volume: heldVolume,
});

/** What a saga that takes a snapshot is told. */
export const snapshotInputOf = (subject: Subject, days: number, name = subject.deployment.name) => ({
  ...inputOf(subject),
  snapshot_name: name,
  keep_snapshot_days: days,
  region: subject.deployment.region,
  image_before: subject.seen?.image ?? subject.deployment.image,
  disk: subject.seen?.disk ?? null,
  volume: subject.volume && { ...subject.volume, name, keep_snapshot_days: days },
});

/** What it costs, in words: only what is used is stored, which nobody knows before. */
export const snapshotWords = ({ dropletId, volume }: Subject, days: number): string =>
  `${volume ? "Snapshots are" : "A snapshot is"} taken of droplet ${dropletId}${volume ? " and of its volume," : ""} and kept ` +
  `for ${days} days, billed by what ${volume ? "they hold" : "it holds"}, at $${snapshotUsdPerGib} a GiB and month`;

/** Of the disk, and of the volume, as they are while the droplet runs. */
export const snapshot = operation({
  saga: anySaga(saga("snapshot_deployment", snapshotInput).step(snapshotDroplet).step(snapshotVolume, hasVolume)),
  body: z.object({ name: z.string().optional(), keep_snapshot_days: z.int() }),
  prepare: async (_tx, subject, { name, keep_snapshot_days: days }) => ({
    input: snapshotInputOf(subject, days, name),
    keepsSnapshot: true,
    preview: {
      does: [
        snapshotWords(subject, days),
        "It runs on meanwhile: what it is writing at that moment is in it as after a power cut",
      ],
      cannot_undo: [],
      interruption: null,
    },
  }),
});
