import { PermanentError } from "#engine/failure.ts";
import { dropletKind, type Handle, handleShape } from "#resources/kinds/droplet-handle.ts";
import type { Held } from "#resources/ledger.ts";
import { liveRow } from "#resources/rows.ts";
import type { World } from "../step-context.ts";

/** What every operation on a deployment is told. */
export interface OperationInput {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly droplet_id: number;
}

/** The droplet as the ledger holds it, whichever saga made it. @returns undefined once the ledger says that it is gone */
export async function heldDroplet(io: Pick<World, "db">, id: number): Promise<Held<Handle> | undefined> {
  const row = await liveRow(io.db, dropletKind, String(id));
  return row && { ...row, handle: handleShape.parse(row.handle) };
}

/** @throws {PermanentError} `droplet_gone` */
export async function theDroplet(io: Pick<World, "db">, id: number): Promise<Held<Handle>> {
  const row = await heldDroplet(io, id);
  if (row) return row;
  throw new PermanentError("droplet_gone", `Droplet ${id} is gone: there is nothing to change`);
}
