import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import type { Attempt } from "#engine/step.ts";
import { snapshot } from "#resources/kinds/snapshot.ts";
import { volumeSnapshot } from "#resources/kinds/volume-snapshot.ts";
import type { Row } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { forgetSnapshot } from "#snapshots/queries.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly kind: "snapshot" | "volume_snapshot" };
}

/** Of what the ledger has handed to this saga. */
export const removeSnapshot = step({
  name: "remove_snapshot",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const forget = async (tx: Tx, removed: { readonly row: Pick<Row, "id"> } | undefined) => {
      if (removed) await forgetSnapshot(tx, removed.row.id);
      return {};
    };
    return input.kind === "snapshot" ? remove(io, snapshot, forget) : remove(io, volumeSnapshot, forget);
  },

  /** Goes forward only. */
  async compensate() {},
});
