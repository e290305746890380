import { isDeepStrictEqual } from "node:util";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import type { Acted, Aspect } from "./aspect.ts";
import { type Change, moveChange } from "./changes.ts";
import type { Io } from "./kind.ts";
import { type Held, rehandle } from "./ledger.ts";
import { looksForAbsence, nextLook, settledAt } from "./settling.ts";

/** What is changed: a thing that is there, and something about it. */
export interface Subject<Handle, Value> {
  readonly row: Held<Handle>;
  readonly aspect: Aspect<Handle, Value>;
}

/**
 * What a change has come to: it is done; somebody else has acted; nothing came of it, and it may be asked for again; it
 * was taken on and not followed, and is to be insisted on.
 */
export type Judgement = "reached" | "foreign" | "unanswered" | "unheard";

/** One look at what a change that was sent has come to, judged by the state, and committed. @returns when to look again otherwise */
export async function judge<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  towards: "goal" | "was",
): Promise<Snooze | Judgement> {
  const begunAt = io.clock.now();
  const settled = settledAt(change, io.timing);
  const state = await read(io, it);
  const target = towards === "goal" ? change.goal : (change.back ?? change.was);
  const source = towards === "goal" ? change.was : change.goal;
  const isThere = shows(it, state, target, source);
  const isUntouched = shows(it, state, source, target) || (!isThere && (await isLoose(io, it, state, source)));
  if (it.aspect.isToldByAction) {
    const acted = state === undefined ? undefined : await newerAction(io, it, change);
    if (acted) return isThere && acted.endedAt ? "reached" : underWay(io, it, change, begunAt, acted, state);
  } else {
    if (isThere || (towards === "was" && isDeepStrictEqual(state, change.was))) return "reached";
    if (isUntouched && isUnheard(it, change, target, begunAt)) return "unheard";
  }
  if (!isUntouched) return foreign(io, it, change, { begunAt, settled, state });
  const isQuiet = begunAt > settled && !(await isAtWork(io, it, change, target, begunAt));
  const looks = isQuiet ? change.looks_without + 1 : 0;
  const facts = { looks_without: looks, last_look_at: begunAt, foreign_since: null };
  if (looks >= looksForAbsence) return "unanswered";
  await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, facts)));
  return snooze(nextLook({ ...change, ...facts }, io.clock.now(), io.timing), `${named(it)} to change`);
}

/**
 * Whether what was sent has done nothing, so that there is nothing to put back: as for what is asked for again, two looks
 * have to say so. @returns undefined: it has done something
 */
export async function didNothing<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
): Promise<Snooze | "nothing" | "foreign" | undefined> {
  const begunAt = io.clock.now();
  const settled = settledAt(change, io.timing);
  const state = await read(io, it);
  const isAsItWas = shows(it, state, change.was, change.goal);
  const isDone =
    shows(it, state, change.goal, change.was) || (!isAsItWas && (await isLoose(io, it, state, change.goal)));
  const byAction = it.aspect.isToldByAction === true;
  if (change.phase === "reached") {
    if (isDone && (byAction || !isAsItWas)) return undefined;
    if (isAsItWas) return begunAt > settled ? "nothing" : early(it, settled);
    return foreign(io, it, change, { begunAt, settled, state });
  }
  if (isDone && !byAction) return undefined;
  // What was taken on and goes on still comes.
  const acted = isAsItWas || (byAction && state !== undefined) ? await newerAction(io, it, change) : undefined;
  if (acted && byAction) return isDone && acted.endedAt ? undefined : underWay(io, it, change, begunAt, acted, state);
  if (!isAsItWas) return foreign(io, it, change, { begunAt, settled, state });
  if (acted && !isOver(io, acted, begunAt)) return waitFor(io, it, change, begunAt);
  if (begunAt <= settled) return early(it, settled);
  const looks = change.looks_without + 1;
  if (!it.aspect.newestAction || looks >= looksForAbsence) return "nothing";
  const facts = { looks_without: looks, last_look_at: begunAt };
  await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, facts)));
  return snooze(after(io.clock.now(), io.timing.poll), `certainty that ${named(it)} was not changed`);
}

/** Whether the state is this value, and not the other. */
function shows<Handle, Value>({ aspect }: Subject<Handle, Value>, state: unknown, value: unknown, other: unknown) {
  if (isDeepStrictEqual(state, value)) return true;
  if (state === undefined || !aspect.isStill || isDeepStrictEqual(state, other)) return false;
  const { value: schema, isStill } = aspect;
  const seen = schema.parse(state);
  return isStill(seen, schema.parse(value)) && !isStill(seen, schema.parse(other));
}

async function isLoose<Handle, Value>(
  io: Io,
  { aspect }: Subject<Handle, Value>,
  state: unknown,
  before: unknown,
): Promise<boolean> {
  if (!aspect.isLoose || state === undefined) return false;
  return aspect.isLoose(io, aspect.value.parse(state), aspect.value.parse(before));
}

const early = <Handle, Value>(it: Subject<Handle, Value>, settled: Date): Snooze =>
  snooze(after(settled, 1), `${named(it)} to show what we made of it`);

export const named = <Handle, Value>({ row, aspect }: Subject<Handle, Value>): string =>
  `${aspect.called} ${row.provider_id}`;

export const idOf = ({ provider_id: id }: { readonly provider_id: string | null }): string => {
  if (id === null) throw new Error("A change of something whose id is not known");
  return id;
};

/** As it is stored: what is not there, or is somebody else's by now, is nothing. */
async function read<Handle, Value>(io: Io, { row, aspect }: Subject<Handle, Value>): Promise<unknown> {
  try {
    const value = await aspect.read(io, idOf(row), row.handle);
    if (value === undefined) return undefined;
    const handle = aspect.refreshed?.(row.handle, value) ?? row.handle;
    if (!isDeepStrictEqual(handle, row.handle)) await io.commit((tx) => rehandle(tx, row, handle));
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    if (error instanceof PermanentError && error.code === "not_ours") return undefined;
    throw error;
  }
}

/** An action that there was not yet when the change was sent. Of what is not there none can be asked for. */
async function newerAction<Handle, Value>(
  io: Io,
  { row, aspect }: Subject<Handle, Value>,
  change: Change,
): Promise<Acted | undefined> {
  const newest = await aspect.newestAction?.(io, idOf(row));
  return newest && newest.id !== change.newest_action ? newest : undefined;
}

/**
 * Whether an action may still bring it about. One that has ended and changed nothing does not, where asking again does no
 * harm; where it can be insisted on, that is done when its time is over, and it is not asked for again before.
 */
async function isAtWork<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  target: unknown,
  begunAt: Date,
): Promise<boolean> {
  const acted = await newerAction(io, it, change);
  if (!acted) return false;
  if (mayInsist(it, change, target)) return true;
  return !(isOver(io, acted, begunAt) && it.aspect.isRepeatable);
}

/** Whether what it did shows by now. */
const isOver = (io: Io, { endedAt }: Acted, begunAt: Date): boolean =>
  endedAt !== null && begunAt > after(endedAt, io.timing.settle);

const mayInsist = <Handle, Value>({ aspect: { insist } }: Subject<Handle, Value>, change: Change, target: unknown) =>
  insist !== undefined && change.insisted_at === null && isDeepStrictEqual(insist.to, target);

function isUnheard<Handle, Value>(it: Subject<Handle, Value>, change: Change, target: unknown, begunAt: Date): boolean {
  const { insist } = it.aspect;
  if (!insist || !mayInsist(it, change, target)) return false;
  return begunAt >= after(change.answered_at ?? change.not_after, insist.afterMs);
}

/** An action tells that it was done, and goes on, or the state does not show it yet: what never does is somebody else's. */
async function underWay<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  begunAt: Date,
  { endedAt }: Acted,
  state: unknown,
): Promise<Snooze | "foreign"> {
  const settled = endedAt && after(endedAt, io.timing.settle);
  if (settled && begunAt > settled) return foreign(io, it, change, { begunAt, settled, state });
  return waitFor(io, it, change, begunAt);
}

async function waitFor<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  begunAt: Date,
): Promise<Snooze> {
  const facts = { looks_without: 0, last_look_at: begunAt, foreign_since: null };
  await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, facts)));
  return snooze(nextLook({ ...change, ...facts }, io.clock.now(), io.timing), `${named(it)} to change`);
}

interface Look {
  readonly begunAt: Date;
  readonly settled: Date;
  /** What it showed; undefined: that it is not there. */
  readonly state: unknown;
}

/**
 * Neither what it was nor what it is to be: believed once two looks say so, the settle window apart. That it is not there at
 * all can be a lie of minutes: the looks are as far apart then as those after which anything is believed gone (rule 17), with
 * ever rarer ones between.
 */
async function foreign<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  { begunAt, settled, state }: Look,
): Promise<Snooze | "foreign"> {
  const { poll, settle, gone } = io.timing;
  const waitingFor = `certainty that ${named(it)} was changed by somebody else`;
  if (begunAt <= settled) return snooze(after(settled, 1), waitingFor);
  const since = change.foreign_since ?? begunAt;
  const again = after(since, Math.max(poll, settle, state === undefined ? gone : 0));
  if (change.foreign_since && begunAt >= again) return "foreign";
  if (!change.foreign_since)
    await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, { foreign_since: begunAt })));
  const soon = after(begunAt, Math.max(poll, begunAt.getTime() - since.getTime()));
  return snooze(again < soon ? again : soon, waitingFor);
}
