import { CompiledQuery, type PostgresCursor, type PostgresPoolClient, type PostgresQueryResult } from "kysely";
import type pg from "pg";
import type { Db, Tx } from "./connection.ts";

/** The texts of statements that run often, by the name under which a connection keeps each once it has planned it. */
const names = new Map<string, string>();
/** Texts that go out with `begin` and with the statement after them, and those behind which `commit` does. */
const openings = new Set<string>();
const closings = new Set<string>();

/** A statement of this text, whose values are given each time. */
export const statement =
  <Row>(text: string) =>
  async (db: Db | Tx, values: readonly unknown[]): Promise<Row[]> => {
    const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]));
    return rows;
  };

/**
 * One that a connection plans once: for the few that run many times a second. It names the columns that it gives: where
 * `*` is another list than at first, since a newer release has migrated meanwhile, PostgreSQL refuses the plan.
 */
export function prepared<Row>(text: string) {
  names.set(text, `arcadia_${names.size}`);
  return statement<Row>(text);
}

/**
 * What a transaction is set to, before its first statement: sent with `begin` and that statement, and not waited for. Only
 * where nothing is lost when a transaction that could not begin leaves its first statement by itself.
 */
export function opening(text: string): (tx: Tx) => Promise<void> {
  openings.add(text);
  const run = statement<never>(text);
  return async (tx) => void (await run(tx, []));
}

/**
 * A prepared statement that is the last of its transaction: `commit` is sent behind it, and its answer waited for then. One
 * whose connection breaks meanwhile may have been committed: only where that is found out, or asking again does no harm.
 */
export function closing<Row>(text: string) {
  // Another text than of the same statement elsewhere, where more comes after it.
  const last = `${text} -- and commit`;
  closings.add(last);
  return prepared<Row>(last);
}

/** Whether a statement begins a transaction, as Kysely has it. */
export const isBegin = (text: string): boolean => /^(?:begin|start transaction)(?= |$)/.test(text);

/** The answer to what is not sent, or not yet. */
const unsent = (command: "BEGIN" | "COMMIT" | "ROLLBACK" | "SET") => ({ command, rowCount: null, rows: [] });

/** Has what `work` sends go out in one write: each by itself wakes the server's process, which takes turns with ours. */
function asOne<Sent>(client: pg.PoolClient, work: () => Sent): Sent {
  const { stream } = client.connection;
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}

/**
 * The connection, whose statements go out under their names where they are prepared, and without waiting for the one
 * before where they may: a transaction that is one statement then takes one round trip instead of four.
 */
export function preparing(client: pg.PoolClient): PostgresPoolClient {
  /** What begins the transaction, until its first statement is sent. */
  let begin: { readonly text: string; readonly goesAlong: boolean } | undefined;
  /** What has been sent behind the last statement. */
  let commit: Promise<unknown> | undefined;

  const send = (text: string, values: readonly unknown[]): Promise<unknown> => {
    const name = names.get(text);
    return client.query(name === undefined ? { text, values: [...values] } : { name, text, values: [...values] });
  };

  const work = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    const first = begin;
    begin = undefined;
    if (first && !first.goesAlong) await client.query(first.text);
    const [answer, begun] = asOne(client, () => {
      const opens = first?.goesAlong ? client.query(first.text) : undefined;
      const sent = send(text, values);
      if (closings.has(text)) commit = client.query("commit");
      return [sent, opens];
    });
    // Heard by whoever commits; who rolls back instead has heard already why.
    commit?.catch(() => undefined);
    const [given] = await Promise.all([answer, begun]);
    return given;
  };

  const end = async (text: "commit" | "rollback"): Promise<unknown> => {
    const [isBegun, sent] = [begin === undefined, commit];
    begin = commit = undefined;
    if (!isBegun) return unsent(text === "commit" ? "COMMIT" : "ROLLBACK");
    if (!sent) return client.query(text);
    if (text === "commit") return sent;
    await sent.catch(() => undefined);
    return unsent("ROLLBACK");
  };

  const run = (text: string, values: readonly unknown[]): Promise<unknown> => {
    if (isBegin(text)) {
      begin = { text, goesAlong: false };
      return Promise.resolve(unsent("BEGIN"));
    }
    if (begin && openings.has(text)) {
      begin = { text: `${begin.text}; ${text}`, goesAlong: true };
      return Promise.resolve(unsent("SET"));
    }
    return text === "commit" || text === "rollback" ? end(text) : work(text, values);
  };

  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: string | PostgresCursor<unknown>, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new Error("No cursor is configured");
    return run(text, values);
  }

  return { query, release: (destroy) => client.release(destroy) };
}
