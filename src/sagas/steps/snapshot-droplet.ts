import { z } from "zod";
import { after } from "#clock.ts";
import type { Attempt } from "#engine/step.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { ensure } from "#resources/ensure.ts";
import { snapshot } from "#resources/kinds/snapshot.ts";
import { rowsOf } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { forgetSnapshot, keepSnapshot } from "#snapshots/queries.ts";
import { step, type StepContext } from "../step-context.ts";
import { bringImageName } from "./bring-image.ts";
import { isChangedBy } from "./changed-by.ts";
import type { OperationInput } from "./operation-input.ts";

const dayMs = 24 * 3_600_000;

interface Reads {
  readonly input: OperationInput & {
    readonly snapshot_name: string;
    readonly keep_snapshot_days: number;
    readonly region: string;
    /** Of what it is taken. */
    readonly image_before: string;
    readonly disk: number | null;
  };
}
type Io = StepContext & Attempt<never>;

/** Of the disk as it is, running or not. It stays when the disk was changed since; else it goes with the rest. */
export const snapshotDroplet = step({
  name: "snapshot_droplet",
  writes: z.object({ snapshot_id: z.string() }),
  undoAfter: [bringImageName],
  budget: () => ({ tries: 8, ms: 2 * 60 * 60_000 }),

  execute: async ({ input }: Reads, io: Io) => {
    const { deployment_id, tenant_id, droplet_id } = input;
    const { name } = handleOf(io.saga.id, input.snapshot_name);
    const owner = { deployment_id, tenant_id };
    const asked = { handle: { name, droplet_id }, owner, spec: async () => undefined };
    return ensure(io, snapshot, asked, async ({ id }, tx) => {
      const [row] = await rowsOf(tx, io.saga.id, io.step, snapshot.name, ["there"]);
      if (!row) throw new Error(`Snapshot ${id} is in no row of the ledger`);
      const now = io.clock.now();
      const times = { created_at: now, expires_at: after(now, input.keep_snapshot_days * dayMs) };
      const of = { region: input.region, image: input.image_before, min_disk: input.disk };
      await keepSnapshot(tx, { ...owner, ...of, ...times, id: row.id, name });
      return { snapshot_id: id };
    });
  },

  async compensate({ snapshot_id: id }, io: Io) {
    // Where the saga has asked for another image, it may be all that is left of the disk.
    if (id !== undefined && (await isChangedBy(io, [bringImageName]))) return undefined;
    return remove(io, snapshot, async (tx, removed) => {
      if (removed) await forgetSnapshot(tx, removed.row.id);
    });
  },
});
