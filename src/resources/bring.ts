import { isDeepStrictEqual } from "node:util";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, type InTransaction, snooze, Snooze } from "#engine/step.ts";
import type { Aspect } from "./aspect.ts";
import { type Change, changeOf, moveChange, openChange } from "./changes.ts";
import type { Io } from "./kind.ts";
import type { Held } from "./ledger.ts";
import { looksForAbsence, nextLook, sendWithinMs, settledAt } from "./settling.ts";

/** What is changed: a thing that is there, and something about it. */
export interface Subject<Handle, Value> {
  readonly row: Held<Handle>;
  readonly aspect: Aspect<Handle, Value>;
}

export interface Wanted<Value> {
  readonly goal: Value;
  /** What it is now, where a look of this attempt has shown it already. */
  readonly was?: Value;
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
  const known = await changeOf(io.db, it.row, it.aspect.name, { saga_id: io.saga.id, step: io.step });
  if (known?.phase === "reached") return inTransaction(output);
  const reached = known ? await judge(io, it, known, "goal") : await begin(io, it, wanted);
  if (reached instanceof Snooze) return reached;
  if (reached === "foreign")
    throw new PermanentError("changed_meanwhile", `${named(it)} was changed by somebody else; it is left as it is`);
  return inTransaction(async (tx) => {
    if (reached) await moveChange(tx, reached, "reached");
    return output(tx);
  });
}

/**
 * Puts back what `bring` has changed, or may have: only where it still is what we made of it; what somebody else made of
 * it since is left to them, and told (rule 22). Called again until it is seen to be back.
 * @returns undefined once there is nothing to put back any more, and it is written down
 */
export async function putBack<Handle, Value>(io: Io, it: Subject<Handle, Value>): Promise<Snooze | undefined> {
  const change = await changeOf(io.db, it.row, it.aspect.name, { saga_id: io.saga.id, step: io.step });
  if (!change || change.phase === "returned" || change.phase === "left") return undefined;
  const outcome = change.phase === "returning" ? await judge(io, it, change, "was") : await turn(io, it, change);
  if (outcome instanceof Snooze) return outcome;
  if (outcome === "foreign") {
    await io.note(`${named(it)} was changed by somebody else meanwhile; it is left as it is`);
    await io.commit(async (tx) => void (await moveChange(tx, change, "left")));
  } else {
    await io.commit(async (tx) => void (await moveChange(tx, outcome, "returned")));
  }
  return undefined;
}

const named = <Handle, Value>({ row, aspect }: Subject<Handle, Value>): string => `${aspect.called} ${row.provider_id}`;

const idOf = ({ provider_id: id }: { readonly provider_id: string | null }): string => {
  if (id === null) throw new Error("A change of something whose id is not known");
  return id;
};

/** @returns the change when the answer shows the goal; undefined when it was there already */
async function begin<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  { goal, was: shown }: Wanted<Value>,
): Promise<Snooze | Change | undefined> {
  const was = shown ?? (await it.aspect.read(io, idOf(it.row), it.row.handle));
  if (was === undefined) throw new Error(`${named(it)} cannot be read: it is answered with a 404`);
  if (isDeepStrictEqual(was, goal)) return undefined;
  const now = io.clock.now();
  const change: Change = {
    id: io.ids.uuid(),
    resource_id: it.row.id,
    saga_id: io.saga.id,
    step: io.step,
    aspect: it.aspect.name,
    was: JSON.parse(JSON.stringify(was)),
    goal: JSON.parse(JSON.stringify(goal)),
    phase: "sending",
    ...(await freshlySent(io, it, now)),
    created_at: now,
  };
  await io.commit((tx) => openChange(tx, change));
  return send(io, it, change, goal);
}

const freshlySent = async <Handle, Value>(io: Io, { row, aspect }: Subject<Handle, Value>, now: Date) => ({
  not_after: after(now, sendWithinMs),
  answered_at: null,
  looks_without: 0,
  last_look_at: null,
  foreign_since: null,
  newest_action: (await aspect.newestAction?.(io, idOf(row))) ?? null,
});

/** Asks for what the change is about, or for the way back. The intent is written. */
async function send<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  to: Value,
): Promise<Snooze | Change> {
  const { aspect, row } = it;
  const answered = async () => {
    const at = io.clock.now();
    await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, { answered_at: at })));
    return snooze(nextLook({ ...change, answered_at: at }, at, io.timing), `${named(it)} to change`);
  };
  try {
    const call = io.call(io.signal, { notAfter: change.not_after });
    const state = await aspect.send(io, idOf(row), row.handle, to, call);
    if (state !== undefined && isDeepStrictEqual(state, to)) return { ...change, answered_at: io.clock.now() };
    return await answered();
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || io.signal.aborted) throw error;
    if (error.effect !== "none") {
      await io.note(`${named(it)}: the change was not clearly answered (${error.message}); looking for what it did`);
      return answered();
    }
    // Nothing was done. The way back is asked for again; the way there begins anew, and may find something else.
    if (change.phase === "sending")
      await io.commit(async (tx) => void (await moveChange(tx, change, "refused", { answered_at: io.clock.now() })));
    throw error;
  }
}

/** What a change that was sent has come to, by the state: there, somebody else's, or to be waited for or sent again. */
async function judge<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  towards: "goal" | "was",
): Promise<Snooze | Change | "foreign"> {
  const begunAt = io.clock.now();
  const state = await it.aspect.read(io, idOf(it.row), it.row.handle);
  const [target, source] = towards === "goal" ? [change.goal, change.was] : [change.was, change.goal];
  const settled = settledAt(change, io.timing);
  if (isDeepStrictEqual(plain(state), target)) return change;
  if (!isDeepStrictEqual(plain(state), source)) return foreign(io, it, change, begunAt, settled);
  const newest = (await it.aspect.newestAction?.(io, idOf(it.row))) ?? null;
  const isQuiet = begunAt > settled && newest === change.newest_action;
  const looks = isQuiet ? change.looks_without + 1 : 0;
  const facts = { looks_without: looks, last_look_at: begunAt, foreign_since: null };
  if (looks < looksForAbsence) {
    await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, facts)));
    return snooze(nextLook({ ...change, ...facts }, io.clock.now(), io.timing), `${named(it)} to change`);
  }
  const again = await freshlySent(io, it, io.clock.now());
  let next = change;
  await io.commit(async (tx) => {
    next = await moveChange(tx, change, change.phase, again);
  });
  return send(io, it, next, it.aspect.value.parse(target));
}

/** Begins the way back, once what was sent has shown itself. */
async function turn<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
): Promise<Snooze | Change | "foreign"> {
  const begunAt = io.clock.now();
  const settled = settledAt(change, io.timing);
  const state = plain(await it.aspect.read(io, idOf(it.row), it.row.handle));
  const isBack = isDeepStrictEqual(state, change.was);
  if (isBack && begunAt > settled) return change;
  if (isBack) return snooze(after(settled, 1), `${named(it)} to show what we made of it`);
  if (!isDeepStrictEqual(state, change.goal)) return foreign(io, it, change, begunAt, settled);
  const facts = await freshlySent(io, it, io.clock.now());
  let next = change;
  await io.commit(async (tx) => {
    next = await moveChange(tx, change, "returning", facts);
  });
  const sent = await send(io, it, next, it.aspect.value.parse(change.was));
  // The answer alone is not believed: a look has to show it.
  return sent instanceof Snooze ? sent : snooze(after(io.clock.now(), io.timing.poll), `${named(it)} to be back`);
}

/** As it is stored: what is not there is nothing. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** Neither what it was nor what it is to be, or not there: believed once two looks say so. */
async function foreign<Handle, Value>(
  io: Io,
  it: Subject<Handle, Value>,
  change: Change,
  begunAt: Date,
  settled: Date,
): Promise<Snooze | "foreign"> {
  const waitingFor = `certainty that ${named(it)} was changed by somebody else`;
  if (begunAt <= settled) return snooze(after(settled, 1), waitingFor);
  const again = change.foreign_since && after(change.foreign_since, io.timing.poll);
  if (again && begunAt >= again) return "foreign";
  if (!again)
    await io.commit(async (tx) => void (await moveChange(tx, change, change.phase, { foreign_since: begunAt })));
  return snooze(again ?? after(begunAt, io.timing.poll), waitingFor);
}
