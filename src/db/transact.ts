import type { TransactionBuilder } from "kysely";
import type { Db, Schema, Tx } from "./connection.ts";
import { isLost, isOutrun, isUndone } from "./violation.ts";

const tries = 4;

/**
 * A transaction that is run again, up to four times in all, when it lost a race, a lock, or its connection. So `work`
 * does nothing but what the transaction undoes. What fails at the commit itself is run again only where it is surely
 * undone: a connection that breaks then may have committed.
 */
export const transact = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> => repeat(db.transaction(), work);

/**
 * Reads at one moment: between two statements of their own others may commit, and what is told of a deployment and its
 * saga would be of two times. Run again like `transact`. `read` writes nothing, and awaits one statement after another,
 * since they share a connection.
 */
export const snapshot = <T>(db: Db, read: (tx: Tx) => Promise<T>): Promise<T> =>
  repeat(db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only"), read);

/** Carries what a rehearsal has come to out of its transaction, which it undoes. */
class Rehearsed<T> extends Error {
  readonly value: T;

  constructor(value: T) {
    super("A rehearsal is undone");
    this.value = value;
  }
}

/** What `work` would come to: whatever it writes is undone. */
export async function rehearse<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  let rehearsed: Rehearsed<T> | undefined;
  const undo = async (tx: Tx): Promise<never> => {
    rehearsed = new Rehearsed(await work(tx));
    throw rehearsed;
  };
  return transact(db, undo).catch((error: unknown): T => {
    if (rehearsed && error === rehearsed) return rehearsed.value;
    throw error;
  });
}

async function repeat<T>(begin: TransactionBuilder<Schema>, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    // Of work that failed with its connection, Kysely would tell only that the rollback failed as well.
    let failure: { readonly error: unknown } | undefined;
    try {
      return await begin.execute((tx) =>
        work(tx).catch((error: unknown) => {
          failure = { error };
          throw error;
        }),
      );
    } catch (second) {
      const error = failure ? failure.error : second;
      const mayRepeat = isUndone(error) || (failure !== undefined && (isOutrun(error) || isLost(error)));
      if (attempt === tries || !mayRepeat) throw error;
    }
  }
}
