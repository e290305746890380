import { PermanentError } from "#engine/failure.ts";
import { volumeHandle, type VolumeHandle, volumeKind } from "#resources/kinds/volume-handle.ts";
import type { Held } from "#resources/ledger.ts";
import { liveRow } from "#resources/rows.ts";
import type { World } from "../step-context.ts";

/** The volume as the ledger holds it, whichever saga made it. @returns undefined once the ledger says that it is gone */
export async function heldVolumeRow(io: Pick<World, "db">, id: string): Promise<Held<VolumeHandle> | undefined> {
  const row = await liveRow(io.db, volumeKind, id);
  return row && { ...row, handle: volumeHandle.parse(row.handle) };
}

/** @throws {PermanentError} `volume_gone` */
export async function theVolume(io: Pick<World, "db">, id: string): Promise<Held<VolumeHandle>> {
  const row = await heldVolumeRow(io, id);
  if (row) return row;
  throw new PermanentError("volume_gone", `Volume ${id} is gone: there is nothing to change`);
}
