import { isDeepStrictEqual } from "node:util";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { restoredAt } from "#engine/restored.ts";
import { inTransaction, type InTransaction, snooze, Snooze } from "#engine/step.ts";
import { type Change, changeOf, moveChange, openChange } from "./changes.ts";
import { didNothing, idOf, judge, named, type Subject } from "./judge.ts";
import type { Io } from "./kind.ts";
import { nextLook, sendWithinMs } from "./settling.ts";

export type { Subject } from "./judge.ts";

export interface Wanted<Value> {
  readonly goal: Value;
  /** What it is now, where a look of this attempt has shown it already. */
  readonly was?: Value;
  /** To what it is put back, where that is not what it was. */
  readonly back?: Value;
  /**
   * What it was before the saga, as far as our rows tell: a restored saga that finds it at the goal may have brought it there
   * itself, and have lost that it did.
   */
  readonly known?: Value | undefined;
}

/**
 * Brings something that is there to a goal: what it was and the goal are stored, then it is asked for, and judged by the
 * state, not by the answer. It is asked for again only when two looks, begun once an unclear answer has settled, show
 * what it was and no newer action.
 * @throws {PermanentError} `changed_meanwhile` when it is neither: somebody else has acted, and that is left to them
 */
export async function bring<Handle, Value, Result>(
  io: Io,
  it: Subject<Handle, Value>,
  wanted: Wanted<Value>,
  output: (tx: Tx) => Promise<Result>,
): Promise<Snooze | InTransaction<Result>> {
  const known = await stepsChange(io, it);
  if (known?.phase === "reached") return inTransaction(output);
  const reached = known ? await goOn(io, it, known, "goal") : await begin(io, it, wanted);
  if (reached instanceof Snooze) return reached;
  if (reached === "foreign")
    throw new PermanentError("changed_meanwhile", `${named(it)} was changed by somebody else; it is left as it is`);
  return inTransaction(async (tx) => {
    if (reached) await moveChange(tx, reached, "reached");
    return output(tx);
  });
}

/** As `bring`, of what its step goes on from: it is committed by itself. @returns undefined once it is so */
export async function bringFirst<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  wanted: Wanted<Value>,
): Promise<Snooze | undefined> {
  const verdict = await bring(io, it, wanted, async () => undefined);
  if (verdict instanceof Snooze) return verdict;
  await io.commit((tx) => verdict.write(tx));
  return undefined;
}

/**
 * Puts back what `bring` has changed, or may have: only where it still is what we made of it; what somebody else made of
 * it since is left to them, and told (rule 22). Called again until it is seen to be back.
 * @returns undefined once there is nothing to put back any more, and it is written down
 */
export async function putBack<Handle, Value>(io: Io, it: Subject<Handle, Value>): Promise<Snooze | undefined> {
  const change = await stepsChange(io, it);
  if (!change || change.phase === "returned" || change.phase === "left") return undefined;
  const outcome = change.phase === "returning" ? await goOn(io, it, change, "was") : await turn(io, it, change);
  if (outcome instanceof Snooze) return outcome;
  if (outcome === "foreign") await leave(io, change, `${named(it)} was changed by somebody else meanwhile`);
  else await io.commit(async (tx) => void (await moveChange(tx, outcome, "returned")));
  return undefined;
}

/**
 * As `putBack`, where what depends on it can do without: what the provider refuses to put back stays as we made it, and
 * is told.
 * @param kept what is written with that
 */
export async function putBackOrKeep<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  kept: (tx: Tx) => Promise<void>,
): Promise<Snooze | undefined> {
  try {
    return await putBack(io, it);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || error.reason !== "invalid") throw error;
    const change = await stepsChange(io, it);
    if (change) await leave(io, change, `${named(it)} could not be put back (${error.message})`, kept);
    return undefined;
  }
}

/**
 * The way back of what has none: waits until it is known what came of the change, and leaves it as it is then.
 * @param kept what is written with that, where it is not what it was
 */
export async function keepAsItIs<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  kept: (tx: Tx, value: Value) => Promise<void>,
): Promise<Snooze | undefined> {
  const change = await stepsChange(io, it);
  if (!change || change.phase === "returned" || change.phase === "left") return undefined;
  const found = await didNothing(io, it, change);
  if (found instanceof Snooze) return found;
  if (found === "nothing") await io.commit(async (tx) => void (await moveChange(tx, change, "returned")));
  else {
    const isDone = found === undefined;
    const value = isDone ? it.aspect.value.parse(change.goal) : await it.aspect.read(io, idOf(it.row), it.row.handle);
    const also = value === undefined ? undefined : (tx: Tx) => kept(tx, value);
    await leave(io, change, `${named(it)} cannot be put back`, also);
  }
  return undefined;
}

const stepsChange = <Handle, Value>(io: Io, { row, aspect }: Subject<Handle, Value>): Promise<Change | undefined> =>
  changeOf(io.db, row, aspect.name, { saga_id: io.saga.id, step: io.step });

async function leave(io: Io, change: Change, why: string, also?: (tx: Tx) => Promise<void>): Promise<void> {
  await io.note(`${why}; it is left as it is`);
  await io.commit(async (tx) => {
    await moveChange(tx, change, "left");
    await also?.(tx);
  });
}

/** @returns the change when the answer shows the goal; undefined when it was there already */
async function begin<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  { goal, was: shown, back, known }: Wanted<Value>,
): Promise<Snooze | Change | undefined> {
  const seen = shown ?? (await it.aspect.read(io, idOf(it.row), it.row.handle));
  if (seen === undefined) throw new Error(`${named(it)} cannot be read: it is answered with a 404`);
  const isDone = isDeepStrictEqual(seen, goal) && !it.aspect.isToldByAction;
  const isOurs = isDone && known !== undefined && !isDeepStrictEqual(known, goal) && (await isRestored(io));
  if (isDone && !isOurs) return undefined;
  if (!isDone) await io.digitalOcean.turn(io.call(io.signal));
  const was = isOurs ? known : seen;
  const now = io.clock.now();
  const change: Change = {
    id: io.ids.uuid(),
    resource_id: it.row.id,
    saga_id: io.saga.id,
    step: io.step,
    aspect: it.aspect.name,
    was: JSON.parse(JSON.stringify(was)),
    goal: JSON.parse(JSON.stringify(goal)),
    back: back === undefined ? null : JSON.parse(JSON.stringify(back)),
    phase: "sending",
    insisted_at: null,
    recheck_at: null,
    ...(await freshlySent(io, it, now)),
    ...(isOurs && { answered_at: now }),
    created_at: now,
  };
  const waiting = isOurs ? undefined : await it.aspect.ready?.(io, goal);
  if (waiting) return waiting;
  await io.commit((tx) => openChange(tx, change));
  return isOurs ? change : send(io, it, change, goal);
}

const isRestored = async (io: Io): Promise<boolean> => (await restoredAt(io.db, io.saga.id)) !== undefined;

const freshlySent = async <Handle, Value>(io: Io, { row, aspect }: Subject<Handle, Value>, now: Date) => ({
  not_after: after(now, sendWithinMs),
  answered_at: null,
  looks_without: 0,
  last_look_at: null,
  foreign_since: null,
  newest_action: (await aspect.newestAction?.(io, idOf(row)))?.id ?? null,
});

/** Looks at what has become of a change, and asks for it again where nothing has. @returns it once it is done */
async function goOn<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  towards: "goal" | "was",
): Promise<Snooze | Change | "foreign"> {
  const judgement = await judge(io, it, change, towards);
  if (judgement instanceof Snooze || judgement === "foreign") return judgement;
  if (judgement === "reached") return change;
  const now = io.clock.now();
  const isUnheard = judgement === "unheard";
  // Its own actions that are known by then are older than what is sent now.
  const facts = { ...(await freshlySent(io, it, now)), ...(isUnheard && { insisted_at: now }) };
  const target = it.aspect.value.parse(towards === "goal" ? change.goal : (change.back ?? change.was));
  const waiting = await it.aspect.ready?.(io, target);
  if (waiting) return waiting;
  const next = await moved(io, change, change.phase, facts);
  return send(io, it, next, target, isUnheard ? change : undefined);
}

async function moved(io: Io, change: Change, phase: Change["phase"], facts: Parameters<typeof moveChange>[3]) {
  let next = change;
  await io.commit(async (tx) => {
    next = await moveChange(tx, change, phase, facts);
  });
  return next;
}

/** When a thing is looked at again whose change was not clearly answered. Milliseconds. */
export const recheckMs = 15 * 60_000;

/**
 * Asks for what the change is about, or for the way back. The intent is written.
 * @param unheard the change as it was taken on and not followed, where it is insisted on
 */
async function send<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  to: Value,
  unheard?: Change,
): Promise<Snooze | Change> {
  const { aspect, row } = it;
  const told = { isUnclear: false };
  const answered = async () => {
    const at = io.clock.now();
    // What is given up on may still take hold, when nobody looks any more.
    const later = told.isUnclear && aspect.isRechecked ? { recheck_at: after(at, recheckMs) } : {};
    return moved(io, change, change.phase, { answered_at: at, ...later });
  };
  const look = (next: Change) =>
    snooze(nextLook(next, next.answered_at ?? io.clock.now(), io.timing), `${named(it)} to change`);
  try {
    const call = {
      ...io.call(io.signal, { notAfter: change.not_after }),
      onUnclear: () => void (told.isUnclear = true),
    };
    const insist = unheard && aspect.insist;
    const state = insist
      ? (await insist.send(io, idOf(row), call), undefined)
      : await aspect.send(io, idOf(row), row.handle, to, call);
    const isDone = state !== undefined && isDeepStrictEqual(state, to);
    if (isDone && !told.isUnclear) return { ...change, answered_at: io.clock.now() };
    const next = await answered();
    return isDone ? next : look(next);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || io.signal.aborted) throw error;
    if (error.effect !== "none") {
      await io.note(`${named(it)}: the change was not clearly answered (${error.message}); looking for what it did`);
      return look(await answered());
    }
    // Nothing was done. What was taken on before still stands, and is insisted on again; the way back is asked for again;
    // the way there begins anew, and may find something else.
    const at = io.clock.now();
    if (unheard) {
      const { newest_action } = unheard;
      await moved(io, change, change.phase, { answered_at: at, insisted_at: null, newest_action });
    } else if (change.phase === "sending") await moved(io, change, "refused", { answered_at: at });
    throw error;
  }
}

/** Begins the way back, once what was sent has shown itself. */
async function turn<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
): Promise<Snooze | Change | "foreign"> {
  const found = await didNothing(io, it, change);
  if (found === "nothing") return change;
  if (found !== undefined) return found;
  const target = it.aspect.value.parse(change.back ?? change.was);
  const facts = { ...(await freshlySent(io, it, io.clock.now())), insisted_at: null };
  const waiting = await it.aspect.ready?.(io, target);
  if (waiting) return waiting;
  const next = await moved(io, change, "returning", facts);
  const sent = await send(io, it, next, target);
  // The answer alone is not believed: a look has to show it.
  return sent instanceof Snooze ? sent : snooze(after(io.clock.now(), io.timing.poll), `${named(it)} to be back`);
}
