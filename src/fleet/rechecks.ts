import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Log } from "#log.ts";
import type { Looking } from "#resources/kind.ts";
import { allKinds, type AnyKind } from "#resources/kinds/all.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import type { Row } from "#resources/ledger.ts";
import { dueForRecheck, recheckAfterMs, recheckNext, untilNextRecheck } from "#resources/rechecks.ts";
import { accountedFor, holderOf, isBeingMade, servedUnasked } from "#resources/rows.ts";
import type { Strays } from "./strays.ts";

const atOnce = 50;

export interface RecheckOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly digitalOcean: DigitalOcean;
  readonly installId: string;
  readonly strays: Strays;
  readonly log: Log;
  /** Starts the removal of what is left of a row. @returns its saga */
  readonly removeLeftover: (tx: Tx, row: Row, id: string) => Promise<string>;
}

/**
 * Looks again at what has ended, of every kind: 15 minutes, 2 hours and a day later. What was given up on can still
 * appear, and what was not shown be there (rule 25). After a day what outlives it is taken away too (rule 18).
 */
export async function recheckEnded(options: RecheckOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const { digitalOcean, installId } = options;
  const looking: Looking = {
    db,
    clock,
    digitalOcean,
    installId,
    signal,
    call: (own, more = {}) => ({ priority: "sync", signal: own, ...more }),
  };
  for (const row of await dueForRecheck(db, clock.now(), atOnce)) {
    const kind = allKinds.get(row.kind);
    try {
      // Somebody else's droplet has no mark of ours by which another would be found; and what an operator has left of
      // what was there before us is not ours to remove (rule 45).
      if (row.origin !== "made" && (kind === droplet || row.phase === "abandoned"))
        await recheckNext(db, row, { recheck_at: null });
      else if (kind) await recheck(options, looking, kind, row);
      // What this release does not know, another does.
      else await recheckNext(db, row, { recheck_at: after(clock.now(), recheckAfterMs[0]) });
    } catch (error) {
      if (signal.aborted || !(error instanceof DigitalOceanError)) throw error;
      // One that cannot be looked at now must not keep the others waiting.
      options.log.warn(
        { err: error, kind: row.kind, row: row.id },
        "What has ended could not be looked at again; later",
      );
      await recheckNext(db, row, { recheck_at: after(clock.now(), recheckAfterMs[0]) });
    }
  }
}

async function recheck(options: RecheckOptions, io: Looking, kind: AnyKind, row: Row): Promise<void> {
  const { db, clock } = options;
  const handle: object = kind.handle.parse(row.handle);
  const { ids, begunAt } = await kind.find(io, handle, { ...row, handle });
  // Whose id is known: another with the same value may be anybody's. Droplets carry their saga's tag.
  const suspects = (await isInItsPlace(db, row, ids))
    ? []
    : ids.filter((id) => row.provider_id === null || kind === droplet || id === row.provider_id);
  const owned = await accountedFor(db, row.kind, suspects);
  const leftovers = suspects.filter((id) => !owned.has(id));
  for (const id of leftovers) await examine(options, io, kind, row, { id, begunAt });
  const pause = untilNextRecheck(row);
  const isOver = pause === undefined && leftovers.length === 0;
  if (isOver && ids.length === 0 && row.origin === "made") await kind.retire?.(io, handle);
  const recheckAt = isOver ? null : after(clock.now(), pause ?? recheckAfterMs[2]);
  const rechecks = Math.min(row.rechecks + 1, recheckAfterMs.length - 1);
  await recheckNext(db, row, { recheck_at: recheckAt, rechecks });
}

/**
 * Whether what is found stands in the place of what is to be there under the same handle, and is not shown: somebody has made
 * that anew, and what it serves is served by it alone.
 */
async function isInItsPlace(db: Db, row: Row, ids: readonly string[]): Promise<boolean> {
  if (row.provider_id !== null || ids.length === 0) return false;
  const id = (await holderOf(db, row))?.provider_id ?? undefined;
  return id !== undefined && !ids.includes(id);
}

/** One that bears our handle, and that the ledger does not have as there. */
async function examine(
  { db, log, strays, removeLeftover }: RecheckOptions,
  io: Looking,
  kind: AnyKind,
  row: Row,
  { id, begunAt }: { readonly id: string; readonly begunAt: Date },
): Promise<void> {
  const seen = await kind.get(io, id, row.handle);
  if (!seen) return;
  if (kind === droplet) return strays.examine([seen], begunAt);
  if (!kind.isOurs(seen, { ...row, provider_id: id })) return;
  if (kind.holdsData && (row.phase === "abandoned" || (await servedUnasked(db, row.kind, id)))) {
    const named = { kind: row.kind, id, saga_id: row.saga_id };
    log.error(named, `A ${kind.called} of ours is there, and is left alone: its data is for a person to look at`);
    return;
  }
  await transact(db, async (tx) => {
    // Whoever makes one just now, under the same handle, may have made this one.
    if (await isBeingMade(tx, row)) return;
    if ((await accountedFor(tx, row.kind, [id])).size > 0) return;
    const saga = await removeLeftover(tx, row, id);
    log.warn(
      { kind: row.kind, id, saga_id: row.saga_id, removed_by: saga },
      `A ${kind.called} of ours is left; it is removed`,
    );
  });
}
