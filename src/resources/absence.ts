import { after } from "#clock.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import type { Io, Kind, Shared } from "./kind.ts";
import { fresh, type Held, note, open } from "./ledger.ts";
import { accountedFor } from "./rows.ts";
import { looksForAbsence, settledAt } from "./settling.ts";

/** What looks say of something that is to be gone. */
export interface Absence<Handle> {
  readonly row: Held<Handle>;
  readonly isProven: boolean;
  readonly seenAt: Date | undefined;
}

/**
 * Whether two complete looks, begun after all that could hide it, have missed it. Without a DELETE of ours that was taken
 * on its absence has to outlast the settle window from the first look that missed it: a provider that hides it for seconds
 * is no proof.
 */
export async function absence<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
  shared: Shared | undefined,
): Promise<Absence<Handle>> {
  const since = believedAt(io, row);
  if (shared) {
    const { seenAt, others = [] } = shared;
    if (others.length > 0 && (await claimOthers(io, row, others))) return { row, isProven: false, seenAt: undefined };
    const looks = await shared.looksSince(seenAt && seenAt > since ? seenAt : since);
    return { row, isProven: looks >= looksForAbsence, seenAt };
  }
  const { shown, begunAt, others = [] } = await kind.look(io, row.provider_id ?? "", row.handle);
  if (others.length > 0 && (await claimOthers(io, row, others))) return { row, isProven: false, seenAt: undefined };
  const looks = shown || begunAt <= since ? 0 : row.looks_without + 1;
  const facts = { looks_without: looks, last_look_at: begunAt };
  if (looks !== row.looks_without) await io.commit(async (tx) => void (await note(tx, row, facts)));
  return { row: { ...row, ...facts }, isProven: looks >= looksForAbsence, seenAt: shown ? begunAt : undefined };
}

/**
 * What has the same handle and is nobody's was made by a create that acted late: it goes with it.
 * @returns whether there was any
 */
async function claimOthers<Handle extends object>(io: Io, row: Held<Handle>, ids: readonly string[]): Promise<boolean> {
  if (row.origin !== "made") return false;
  const now = io.clock.now();
  const owned = await accountedFor(io.db, row.kind, ids);
  const late = ids.filter((id) => !owned.has(id));
  if (late.length === 0) return false;
  const { kind, saga_id, step, begun_by, deployment_id, tenant_id, handle, origin } = row;
  const owner = { kind, saga_id, step, begun_by, deployment_id, tenant_id, handle, origin };
  await io.commit(async (tx) => {
    for (const id of late)
      await open(tx, fresh({ ...owner, id: io.ids.uuid(), provider_id: id, phase: "there", surplus: true }, now));
  });
  return true;
}

/** @returns whether what a look of this moment does not show is believed to be gone: no look has shown it for the settle window */
export async function isBelievedGone<Handle>(io: Io, row: Held<Handle>, { shown }: { readonly shown: boolean }) {
  if (!shown) return io.clock.now() >= after((await doubted(io, row)).foreign_since, io.timing.settle);
  if (row.foreign_since) await io.commit(async (tx) => void (await note(tx, row, { foreign_since: null })));
  return false;
}

/** Since when, within this step, no look has shown it as ours: only what is so for as long as the settle window is believed. */
export async function doubted<Handle>(io: Io, row: Held<Handle>): Promise<Held<Handle> & { foreign_since: Date }> {
  const { foreign_since } = row;
  if (foreign_since && foreign_since >= io.startedAt) return { ...row, foreign_since };
  const facts = { foreign_since: io.clock.now() };
  await io.commit(async (tx) => void (await note(tx, row, facts)));
  return { ...row, ...facts };
}

/** Before this, what does not show it may be older than it, or a lie. */
function believedAt<Handle>(io: Io, row: Held<Handle>): Date {
  const settled = settledAt(row, io.timing);
  const { foreign_since: doubtedSince, deleted_at: deletedAt } = row;
  const removed = deletedAt && !doubtedSince ? deletedAt : after(doubtedSince ?? io.clock.now(), io.timing.settle);
  return removed > settled ? removed : settled;
}

/** Gives the worker back until there may be another look. */
export function waitForAbsence<Handle>(
  io: Io,
  { called }: { readonly called: string },
  row: Held<Handle>,
  shared: Shared | undefined,
): Snooze {
  const now = io.clock.now();
  const { poll } = io.timing;
  const since = believedAt(io, row);
  const isYoung = since > now;
  const until = shared ? after(isYoung ? since : now, 3 * poll) : isYoung ? after(since, 1) : after(now, poll);
  const why = isYoung ? ": too early for its absence to be believed" : "";
  return snooze(until, `two looks that do not show ${called} ${row.provider_id}${why}`, shared?.watch);
}
