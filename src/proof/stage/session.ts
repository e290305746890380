import pg from "pg";
import { promisesSettled, turnOfEventLoop } from "#clock.ts";
import { type Actor, never, untilRunning } from "./actor.ts";
import type { ProofDatabase } from "./database.ts";
import type { Scheduler } from "./scheduler.ts";

/** Statements that change nothing are not worth a crash after their answer: the crash before the next one is the same. */
const changes = /^\s*(insert|update|delete|with)/;

/**
 * The one connection to PostgreSQL that all actors share, one transaction at a time: a transaction is atomic to the
 * scheduler. A process that dies or freezes within one loses it, as the server would end it.
 */
export interface Session {
  /** Waits for the connection. It is the actor's until released. */
  acquire(actor: Actor): Promise<Lease>;
  /** Called when workers are told to look, once that is committed. */
  onRing(listener: () => unknown): void;
  /** Has all been changed: what was answered is asked again. */
  outdate(): void;
  /** How many statements may have changed a saga so far. */
  changes(): number;
}

export interface Lease {
  readonly actor: Actor;
  /** The next statement begins a transaction. */
  begin(): void;
  query(text: string, values: readonly unknown[]): Promise<pg.QueryResult>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  release(): void;
}

const nothing: pg.QueryResult = { command: "SELECT", rowCount: 1, rows: [{}], oid: 0, fields: [] };

const ofSagas = /\bsagas\b/;

/** As pg says it of a connection that breaks. */
const cutOff = "Connection terminated unexpectedly";

const databaseError = (message: string, code: string): Error =>
  Object.assign(new pg.DatabaseError(message, message.length, "error"), { code });

/** More turns of the event loop than any code of ours needs between two statements. */
const longestIdle = 20;

export function createSession(database: ProofDatabase, scheduler: Scheduler): Session {
  const ringing: (() => unknown)[] = [];
  let changed = 0;
  /** By text: what is asked of the sagas alone, once a second by every worker, has one answer until one changes. */
  const known = new Map<string, { readonly at: number; readonly answer: pg.QueryResult }>();

  const ring = (): void => {
    for (const listener of ringing) listener();
  };

  /** Its answer is not waited for: statements are answered in their order, and a failure ends the proof. */
  const control = (statement: string): void => {
    database.control(statement).catch((error: unknown) => scheduler.fail(error));
  };

  const open = (actor: Actor): { lease: Lease; released: () => Promise<void> } => {
    let state: "idle" | "wanted" | "begun" = "idle";
    let over = false;
    let broken = false;
    let inFlight: Promise<unknown> | undefined;
    let rings = false;
    let aborted = false;

    const end = (statement: "commit" | "rollback"): void => {
      if (state === "begun") control(statement);
      if (state === "begun" && statement === "commit") scheduler.pass(1);
      state = "idle";
      aborted = false;
      if (statement === "commit" && rings) ring();
      rings = false;
    };

    /** Before a statement. @returns what to await instead of going on, when the actor died or froze here */
    const struck = async (what: string): Promise<(() => Promise<never>) | undefined> => {
      const mishap = scheduler.cross(actor, "sql", what);
      if (!mishap) return undefined;
      end("rollback");
      if (mishap === "deadlock") {
        aborted = true;
        throw databaseError("deadlock detected", "40P01");
      }
      over = broken = true;
      if (mishap === "cut") throw new Error(cutOff);
      return async () => {
        await untilRunning(actor);
        // As the server says it (idle_in_transaction_session_timeout).
        throw databaseError("terminating connection due to idle-in-transaction timeout", "25P03");
      };
    };

    /** After what has taken effect. A frozen process finds the answer when it thaws; others have the database meanwhile. */
    const answered = async (what: string): Promise<void> => {
      const mishap = scheduler.cross(actor, "sql", `${what}: done`);
      if (!mishap || mishap === "deadlock") return;
      over = true;
      if (mishap === "cut") {
        broken = true;
        throw new Error(cutOff);
      }
      await untilRunning(actor);
    };

    const query: Lease["query"] = async (text, values) => {
      if (actor.state === "dead") return never();
      if (broken) throw new Error("Client was closed and is not queryable");
      if (aborted) throw databaseError("current transaction is aborted", "25P02");
      const hint = database.hintOf(text);
      if (hint === "ring") rings = true;
      if (hint === "ring" && state === "idle") end("commit");
      if (hint === "ring" || hint === "nothing") return nothing;
      const what = database.summary(text);
      const before = hint === "look" ? undefined : await struck(what);
      if (before) return before();
      const isKept = state === "idle" && database.asksSagasAlone(text);
      const kept = isKept ? known.get(text) : undefined;
      if (kept?.at === changed) return kept.answer;
      if (changes.test(text) && ofSagas.test(text)) changed += 1;
      if (state === "wanted") {
        state = "begun";
        control("begin");
      }
      const answer = database.send(text, values);
      inFlight = answer.catch(() => undefined);
      const result = await answer;
      if (isKept) known.set(text, { at: changed, answer: result });
      if (hint !== "look" && state === "idle" && changes.test(text)) await answered(what);
      return result;
    };

    const lease: Lease = {
      actor,
      query,
      begin() {
        state = "wanted";
      },
      async commit() {
        if (actor.state === "dead") return never();
        if (broken) throw new Error("Client was closed and is not queryable");
        if (state === "begun") {
          const before = await struck("commit");
          if (before) return before();
        }
        const wrote = state === "begun";
        end("commit");
        if (wrote) await answered("commit");
      },
      async rollback() {
        if (!broken) end("rollback");
      },
      release() {
        over = true;
      },
    };
    const released = async (): Promise<void> => {
      for (let idle = 0; !over; idle += 1) {
        const waiting = inFlight;
        inFlight = undefined;
        if (waiting) idle = 0;
        // Most often the next statement is only a promise away.
        await (waiting ?? (idle <= 1 ? promisesSettled() : turnOfEventLoop()));
        if (idle > longestIdle) throw new Error(`${actor.name} waits for something else inside a transaction`);
      }
    };
    return { lease, released };
  };

  return {
    onRing: (listener) => void ringing.push(listener),
    outdate: () => void (changed += 1),
    changes: () => changed,
    acquire: (actor) =>
      new Promise((resolve, reject) => {
        scheduler
          .turn(actor, async () => {
            const { lease, released } = open(actor);
            resolve(lease);
            try {
              await released();
            } catch (error) {
              scheduler.fail(error);
            }
          })
          .catch(reject);
      }),
  };
}
