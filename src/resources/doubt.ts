import { isDeepStrictEqual } from "node:util";
import type { Tx } from "#db/connection.ts";
import { restoredAt } from "#engine/restored.ts";
import { heldBy, type Io, type Kind } from "./kind.ts";
import { allPhases } from "./phases.ts";

/**
 * In a restored database: everything that was being asked for when the backup was taken may have been asked for until
 * just now, so that it has to settle anew before its absence can be believed (rules 14 and 17).
 */
export async function doubtAllUnderWay(tx: Tx, now: Date): Promise<void> {
  const doubted = { answered_at: now, looks_without: 0, last_look_at: null };
  await tx.updateTable("provider_resources").set(doubted).where("phase", "=", "sending").execute();
  await tx.updateTable("provider_changes").set(doubted).where("phase", "in", ["sending", "returning"]).execute();
}

/**
 * Since when the step of a restored saga may have made it without its rows knowing: it did so after the backup. Asked once:
 * a row that was begun since tells.
 */
export async function doubtedSince<Handle extends object>(
  io: Io,
  kind: Pick<Kind<Handle, never, never>, "name" | "called" | "handle">,
  handle: Handle,
): Promise<Date | undefined> {
  const at = await restoredAt(io.db, io.saga.id);
  if (!at) return undefined;
  const known = await heldBy(io, kind, allPhases);
  return known.some((row) => row.created_at >= at && isDeepStrictEqual(row.handle, handle)) ? undefined : at;
}
