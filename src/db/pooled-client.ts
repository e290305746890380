import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type pg from "pg";
import { isBegin } from "./prepared.ts";

/**
 * A connection through a pooler, where each transaction may be another server process's: a transaction begins with
 * `local`, which sets what we rely on, and a statement by itself is one of its own.
 */
export function pooledClient(client: pg.PoolClient, local: string): PostgresPoolClient {
  let isWithin = false;

  async function inTransaction(text: string, values: readonly unknown[]): Promise<unknown> {
    await client.query(`begin isolation level read committed; ${local}`);
    try {
      const result = await client.query(text, [...values]);
      await client.query("commit");
      return result;
    } catch (error) {
      // Where the connection is gone, so is the transaction.
      await client.query("rollback").catch(() => undefined);
      throw error;
    }
  }

  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: string | PostgresCursor<unknown>, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new Error("No cursor is configured");
    const begins = isBegin(text);
    if (!begins && !isWithin) return inTransaction(text, values);
    isWithin = text !== "commit" && text !== "rollback";
    if (!begins) return client.query(text, [...values]);
    return client.query(`${text === "begin" ? "begin isolation level read committed" : text}; ${local}`);
  }

  return { query, release: (destroy) => client.release(destroy) };
}
