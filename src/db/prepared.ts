import { CompiledQuery, type PostgresCursor, type PostgresPoolClient, type PostgresQueryResult } from "kysely";
import type pg from "pg";
import type { Db, Tx } from "./connection.ts";

/** The texts of statements that run often, by the name under which a connection keeps each once it has planned it. */
const names = new Map<string, string>();

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

/** The connection, whose statements go out under their names where they are prepared. */
export function preparing(client: pg.PoolClient): PostgresPoolClient {
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: string | PostgresCursor<unknown>, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new Error("No cursor is configured");
    const name = names.get(text);
    return client.query(name === undefined ? { text, values: [...values] } : { name, text, values: [...values] });
  }
  return { query, release: (destroy) => client.release(destroy) };
}
