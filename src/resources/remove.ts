import { isDeepStrictEqual } from "node:util";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, type InTransaction, snooze, Snooze, waitUntil } from "#engine/step.ts";
import { absence, doubted, waitForAbsence } from "./absence.ts";
import { lookAgain } from "./ambiguous.ts";
import { heldBy, type Io, type Kind } from "./kind.ts";
import { expose, type Held, move, note, rehandle } from "./ledger.ts";
import { sendWithinMs, settledAt } from "./settling.ts";

const firstPauseMs = 10_000;
const longestPauseMs = 10 * 60_000;

/** Many DELETEs of one id got accounts blocked (scrapoxy#32): one, then looks, then again ever more rarely. */
const pauseAfter = (deletes: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** (deletes - 1));

/** How the removal of one ended: proven gone, or left to whom it belongs by now. */
export interface Removed<Handle> {
  readonly row: Held<Handle>;
  readonly phase: "gone" | "left";
}

/**
 * Takes away all that the step has made or may have made, the surplus first, and proves it gone. Called again and again
 * until it gives its output.
 * @param output what the step writes, in the transaction in which the ledger says so of the last one, if there was one
 */
export async function remove<Handle extends object, Spec, Seen, Result>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  output: (tx: Tx, removed: Removed<Handle> | undefined) => Promise<Result>,
): Promise<Snooze | InTransaction<Result>> {
  let rows: readonly Held<Handle>[] = await heldBy(io, kind);
  const unclear = rows.find((row) => row.phase === "sending");
  if (unclear) {
    const looked = await lookAgain(io, kind, unclear);
    if (looked instanceof Date) return snooze(looked, `certainty that no ${kind.called} was made`);
    rows = looked;
  }
  const [last, ...surplus] = rows;
  const waiting = await removeRows(io, kind, surplus);
  if (waiting) return waiting;
  if (!last) return inTransaction((tx) => output(tx, undefined));
  const outcome = await removeOne(io, kind, last);
  if (outcome instanceof Snooze) return outcome;
  return inTransaction(async (tx) => {
    await ended(tx, io, kind, outcome);
    return output(tx, outcome);
  });
}

/** Removes rows one after the other, the last first. @returns undefined once the ledger says of all that they are gone */
export async function removeRows<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  rows: readonly Held<Handle>[],
): Promise<Snooze | undefined> {
  for (const each of rows.toReversed()) {
    const outcome = await removeOne(io, kind, each);
    if (outcome instanceof Snooze) return outcome;
    await io.commit((tx) => ended(tx, io, kind, outcome));
  }
  return undefined;
}

/** Writes down how a removal ended, and for how long what it led to is believed to be there. */
async function ended<Handle extends object, Spec, Seen>(
  tx: Tx,
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  { row, phase }: Removed<Handle>,
): Promise<void> {
  const now = io.clock.now();
  await move(tx, row, phase, now);
  const { ms = 0, kinds = [] } = kind.lingers?.(row) ?? {};
  if (!io.timing.drain || ms === 0) return;
  // A DELETE has had its effect once it has settled; what is gone or another's by itself, nobody knows since when.
  const goneAt = row.deleted_at === null || phase === "left" ? now : after(row.deleted_at, io.timing.settle);
  await expose(tx, row, kinds, after(goneAt < now ? goneAt : now, ms));
}

/** To the second, as people write it. */
const shortly = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/**
 * Nothing is deleted before it was seen to be ours; it is gone when two complete looks and a 404 say so, all begun after
 * the DELETE and the settle window (rules 17 and 18).
 * @throws {PermanentError} `not_ours` when what has its id is somebody else's, and such a thing is not just left to them
 */
async function removeOne<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
): Promise<Snooze | Removed<Handle>> {
  const { provider_id: id, exposed_until: exposedUntil, deleted_at: deletedAt } = row;
  if (id === null) throw new Error(`Row ${row.id} of the ledger is ${row.phase} and has no id`);
  const now = io.clock.now();
  if (exposedUntil && exposedUntil > now)
    return waitUntil(
      exposedUntil,
      `${shortly(exposedUntil)}, when the TTL of the last record that led to ${kind.called} ${id} has run out`,
    );
  const again = deletedAt ? after(deletedAt, pauseAfter(row.deletes)) : now;
  const shared = await kind.shared?.(io, id, row);
  // Asking by id costs a request: after a DELETE, only when looks say that it is gone, or that it outlived that.
  const looked = deletedAt ? await absence(io, kind, row, shared) : undefined;
  const hasOutlived = looked?.seenAt !== undefined && looked.seenAt > again;
  if (looked && !looked.isProven && !hasOutlived) return waitForAbsence(io, kind, looked.row, shared);

  if (looked?.isProven && shared?.mayMiss === false) return { row: looked.row, phase: "gone" };

  const lately = row.deletes === 0 ? await kind.shownLately?.(io, id, row.handle) : undefined;
  // That it is somebody else's is not told by what is a minute old.
  const seen = lately && kind.isOurs(lately, row) ? lately : await kind.get(io, id, row.handle);
  if (!seen) {
    const missed = looked ?? (await absence(io, kind, await doubted(io, row), shared));
    return missed.isProven ? { row: missed.row, phase: "gone" } : waitForAbsence(io, kind, missed.row, shared);
  }
  const current = looked?.row ?? row;
  if (!kind.isOurs(seen, current)) return foreign(io, kind, current);
  if (now < again) return snooze(again, `${kind.called} ${id} to disappear`, shared?.watch);
  const sent = await sendDelete(io, kind, await refreshed(io, kind, current, seen), id);
  return sent instanceof Snooze ? sent : waitForAbsence(io, kind, sent, shared);
}

async function refreshed<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
  seen: Seen,
): Promise<Held<Handle>> {
  const handle = kind.refreshed?.(row.handle, seen) ?? row.handle;
  if (!isDeepStrictEqual(handle, row.handle)) await io.commit((tx) => rehandle(tx, row, handle));
  return { ...row, handle };
}

/** Counted before it is sent: a DELETE whose answer is lost is one, and the next has to keep its distance. */
async function sendDelete<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
  id: string,
): Promise<Held<Handle> | Snooze> {
  await io.digitalOcean.turn(io.call(io.signal));
  const at = io.clock.now();
  const facts = { deletes: row.deletes + 1, deleted_at: at, looks_without: 0, foreign_since: null };
  const sent = { ...row, ...facts, phase: "removing" } as const;
  await io.commit(async (tx) => {
    if (row.phase === "removing") await note(tx, row, facts);
    else await move(tx, row, "removing", at, facts);
  });
  try {
    // One that a frozen worker sent late would hit whoever has the id by then (rule 12).
    const call = io.call(io.signal, { notAfter: after(at, sendWithinMs) });
    const removal = await kind.remove(io, id, row.handle, call);
    if (removal === "accepted") return sent;
    // It is no DELETE of ours that explains why nothing shows the thing: a 404 has missed it, a refusal has seen it.
    if (removal === "missing") return await doubted(io, sent);
    await io.commit(async (tx) => void (await note(tx, sent, { deleted_at: null })));
    const again = after(io.clock.now(), pauseAfter(sent.deletes));
    return snooze(again, `${kind.called} ${id} to take a DELETE: "${removal.refused}", DigitalOcean says`);
  } catch (error) {
    // A clear refusal did nothing: what follows from it is the engine's matter, not the thing's.
    if (error instanceof DigitalOceanError && error.effect === "none")
      await io.commit(async (tx) => void (await note(tx, sent, { deletes: row.deletes, deleted_at: row.deleted_at })));
    throw error;
  }
}

/** Not ours by one answer is not believed, nor by one that may be older than what we wrote. */
async function foreign<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
): Promise<Snooze | Removed<Handle>> {
  const now = io.clock.now();
  const settled = settledAt(row, io.timing);
  const named = `${kind.called} ${row.provider_id}`;
  if (now <= settled) return snooze(after(settled, 1), `${named} to show what we wrote`);
  const { poll, settle } = io.timing;
  const again = after((await doubted(io, row)).foreign_since, Math.max(poll, settle));
  if (now < again) return snooze(again, `certainty that ${named} is somebody else's`);
  if (kind.whenForeign === "stop")
    throw new PermanentError("not_ours", `${named} carries none of our marks any more; it was not touched`);
  await io.note(`${named} was changed by somebody else; it is left as it is`);
  return { row, phase: "left" };
}
