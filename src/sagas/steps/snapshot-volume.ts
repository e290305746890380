import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, snooze, Snooze } from "#engine/step.ts";
import { dropletKind, handleOf } from "#resources/kinds/droplet-handle.ts";
import { isBelievedGone } from "#resources/absence.ts";
import { ensure } from "#resources/ensure.ts";
import { getVolume, volume as dataVolume } from "#resources/kinds/volume.ts";
import { volumeSnapshot } from "#resources/kinds/volume-snapshot.ts";
import { rowsOf } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { madeBySagas } from "#resources/rows.ts";
import { forgetSnapshot, keepSnapshot } from "#snapshots/queries.ts";
import { heldById } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import { bringImageName } from "./bring-image.ts";
import { isChangedBy } from "./changed-by.ts";
import { moveVolumeName } from "./move-volume.ts";

const dayMs = 24 * 3_600_000;
const nothingLeft = "volume_gone";

/** What a saga is told of the volume of its deployment; null: it has none. One that an earlier release began knows of none. */
export const heldVolume = z
  .object({
    provider_id: z.string(),
    /** How the name of a snapshot of it begins. */
    name: z.string(),
    region: z.string(),
    tenant_id: z.uuid(),
    /** 0: none is taken. */
    keep_snapshot_days: z.int(),
  })
  .nullable()
  .default(null);
export type HeldVolume = z.output<typeof heldVolume>;

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly volume: HeldVolume;
    /** That a droplet is made with. */
    readonly free_volume_id?: string | null;
  };
}
type Io = StepContext & Attempt<never>;

/** Where there is one, and it is to be kept. */
export const hasVolume = { when: ({ input }: { readonly input: Pick<Reads["input"], "volume"> }) => isKept(input) };

const isKept = ({ volume }: Pick<Reads["input"], "volume">): boolean =>
  Boolean(volume && volume.keep_snapshot_days > 0);

/** @param mayBeGone it is about to be deleted: where there is none any more, there is nothing to keep */
const snapshotOfVolume = ({ mayBeGone }: { readonly mayBeGone: boolean }) =>
  step({
    name: "snapshot_volume",
    writes: z.object({}),
    undoAfter: [bringImageName, moveVolumeName],
    budget: () => ({ tries: 8, ms: 2 * 60 * 60_000 }),

    async execute({ input: { deployment_id, volume } }: Reads, io: Io) {
      if (!volume) throw new Error("A snapshot of a volume that there is not");
      const { provider_id: id, region, tenant_id, keep_snapshot_days: days } = volume;
      const isGone = mayBeGone && (await isVolumeGone(id, io));
      if (isGone instanceof Snooze) return isGone;
      const { name } = handleOf(io.saga.id, `${volume.name}-data`);
      const owner = { deployment_id, tenant_id };
      const spec = async () => {
        if (isGone)
          throw new PermanentError(nothingLeft, `Volume ${id} is gone: there is no snapshot to be made of it`);
        return undefined;
      };
      const asked = { handle: { name, volume_id: id }, owner, spec };
      try {
        // Of one that is gone a restored saga may have made it, and have lost that it did: it is looked for.
        return await ensure(io, volumeSnapshot, asked, async (made, tx) => {
          const [row] = await rowsOf(tx, io.saga.id, io.step, volumeSnapshot.name, ["there"]);
          if (!row) throw new Error(`Snapshot ${made.id} is in no row of the ledger`);
          const now = io.clock.now();
          const kept = { kind: "volume_snapshot", region, image: null, min_disk: null } as const;
          const times = { created_at: now, expires_at: after(now, days * dayMs) };
          await keepSnapshot(tx, { ...owner, ...kept, ...times, id: row.id, name });
          return {};
        });
      } catch (error) {
        if (!(error instanceof PermanentError && error.code === nothingLeft)) throw error;
        await io.note(`Volume ${id} is gone, and nothing of ours has deleted it: there is no last snapshot of it`);
        return {};
      }
    },

    /** It stays where what ran meanwhile may have changed the data: it may be all that is left of what was there. */
    async compensate({ input }, io: Io) {
      if (
        (await isChangedBy(io, [bringImageName, moveVolumeName])) ||
        (input.free_volume_id && (await hasMadeDroplet(io)))
      )
        return undefined;
      return remove(io, volumeSnapshot, async (tx, removed) => {
        if (removed) await forgetSnapshot(tx, removed.row.id);
      });
    },
  });

async function isVolumeGone(id: string, io: Io): Promise<boolean | Snooze> {
  const shown = (await getVolume(io, id)) !== undefined;
  const held = await heldById(io.db, dataVolume, id);
  const isGone = held ? await isBelievedGone(io, held, { shown }) : !shown;
  if (shown || isGone) return isGone;
  return snooze(after(io.clock.now(), io.timing.poll), `certainty whether volume ${id} is there`);
}

const hasMadeDroplet = async (io: Io): Promise<boolean> =>
  (await madeBySagas(io.db, dropletKind, [io.saga.id])).size > 0;

/** Of the data as it is at this moment; a droplet that runs goes on writing. */
export const snapshotVolume = snapshotOfVolume({ mayBeGone: false });
/** The last, before it is deleted. */
export const snapshotDoomedVolume = snapshotOfVolume({ mayBeGone: true });
