import type { Db, Tx } from "#db/connection.ts";
import { opening, prepared } from "#db/prepared.ts";
import type { Log } from "#log.ts";
import { createBatches } from "./batches.ts";
import type { BegunSaga, ClaimedSaga } from "./claimed-saga.ts";
import { writeLast } from "./write.ts";

/** What a step came to, as long as nothing but its own saga decides what becomes of it. */
export interface SharedOutcome<Io> {
  readonly saga: BegunSaga<Io>;
  /** What the step writes along, in the same transaction. Touches the database only: it may be run twice. */
  readonly write: ((tx: Tx) => Promise<unknown>) | undefined;
  /** @param output what `write` gave */
  readonly follow: (output: unknown) => ClaimedSaga<Io>;
}

/** `written`: committed. `alone`: it has to be committed by itself; with what may have been committed of it already. */
export type Committed<Io> =
  | { readonly written: ClaimedSaga<Io> }
  | { readonly alone: { readonly tried: ClaimedSaga<Io> | undefined } };

/** Commits outcomes of many sagas together, as they come: what comes while a commit is under way is the next one's. */
export interface Lane<Io> {
  commit(outcome: SharedOutcome<Io>): Promise<Committed<Io>>;
}

interface Waiting<Io> extends SharedOutcome<Io> {
  readonly settle: (committed: Committed<Io>) => void;
}

/** More would only make each of them smaller. */
const flights = 2;
/** So many that one commit does not keep the others waiting for long. */
const mostAtOnce = 100;

/** A step's own write has failed: the others can go without it. */
class WriteFailed<Io> extends Error {
  readonly of: Waiting<Io>;

  constructor(of: Waiting<Io>, cause: unknown) {
    super("What a step writes with its outcome failed", { cause });
    this.of = of;
  }
}

export function createLane<Io>({ db, log }: { readonly db: Db; readonly log: Log }): Lane<Io> {
  const batches = createBatches<Waiting<Io>>({ flights, most: mostAtOnce, fly });

  async function fly(take: () => Waiting<Io>[]): Promise<void> {
    let taken: Waiting<Io>[] | undefined;
    const tried = new Map<Waiting<Io>, ClaimedSaga<Io>>();
    try {
      const written = await db.transaction().execute(async (tx) => {
        await setLane(tx);
        taken = take();
        return together(tx, taken, tried);
      });
      for (const one of taken ?? []) {
        const done = tried.get(one);
        one.settle(done && written.has(one.saga.saga.id) ? { written: done } : { alone: { tried: undefined } });
      }
    } catch (error) {
      // Where there was no transaction at all, each finds out for itself.
      taken ??= take();
      if (taken.length > 1) log.debug({ err: error, sagas: taken.length }, "A shared commit failed");
      for (const one of taken)
        if (error instanceof WriteFailed && error.of !== one) batches.add(one);
        else one.settle({ alone: { tried: error instanceof WriteFailed ? undefined : tried.get(one) } });
    }
  }

  return { commit: (outcome) => new Promise((settle) => batches.add({ ...outcome, settle })) };
}

/** @returns the ids of the sagas whose outcomes are written */
async function together<Io>(
  tx: Tx,
  outcomes: readonly Waiting<Io>[],
  tried: Map<Waiting<Io>, ClaimedSaga<Io>>,
): Promise<Set<string>> {
  if (outcomes.length === 0) return new Set();
  const writing = outcomes.filter(({ write }) => write);
  const mine = writing.length > 0 ? await lockOf(tx, writing) : new Set<string>();
  for (const one of outcomes) {
    if (one.write && !mine.has(one.saga.saga.id)) continue;
    try {
      tried.set(one, one.follow(await one.write?.(tx)));
    } catch (cause) {
      throw new WriteFailed(one, cause);
    }
  }
  return writeLast(tx, [...tried.values()]);
}

/**
 * Sets a transaction that works on many sagas to what that takes: plans that look rows up one by one, made once, whatever the statistics say of tables that have
 * just grown; and no waiting for a row that somebody else has locked, since others wait with it.
 */
export const setLane = opening(
  [
    "plan_cache_mode = force_generic_plan",
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
    "jit = off",
    "lock_timeout = '50ms'",
  ]
    .map((setting) => `set local ${setting}`)
    .join("; "),
);

const lockThose = prepared<{ id: string }>(`
  select s.id from unnest($1::uuid[], $2::int[], $3::uuid[], $4::int[]) as it (id, epoch, owner, sequence)
  join sagas s on s.id = it.id and s.epoch = it.epoch and s.lease_owner = it.owner and s.event_sequence = it.sequence
  for no key update of s skip locked
`);

/** Of sagas whose steps write along, those that are ours still, and that nobody has locked. */
async function lockOf<Io>(tx: Tx, outcomes: readonly Waiting<Io>[]): Promise<Set<string>> {
  const sagas = outcomes.map(({ saga }) => saga.saga);
  const rows = await lockThose(tx, [
    sagas.map(({ id }) => id),
    sagas.map(({ epoch }) => epoch),
    sagas.map(({ lease_owner }) => lease_owner),
    sagas.map(({ event_sequence }) => event_sequence),
  ]);
  return new Set(rows.map(({ id }) => id));
}
