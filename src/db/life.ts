import pg from "pg";

/** Which of its lives a database cluster is in: another timeline begins when a standby takes over, or a backup is restored. */
export interface Life {
  readonly system: string;
  readonly timeline: number;
  /** What time it is there. */
  readonly now: Date;
}

/**
 * The timeline of what is written now is in the name of its log file. Everybody may ask, unless an operator has forbidden it.
 * https://www.postgresql.org/docs/current/functions-info.html (pg_control_system), continuous-archiving.html (timelines)
 */
const question = `select (select system_identifier::text from pg_control_system()) as system,
  ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint as timeline, (extract(epoch from clock_timestamp()) * 1000)::float8 as at
  where not pg_is_in_recovery()`;

/** @returns undefined where it takes no changes, or may not be asked */
export async function lifeOf(client: Pick<pg.ClientBase, "query">): Promise<Life | undefined> {
  try {
    const { rows } = await client.query<{ system: string; timeline: string; at: number }>(question);
    const [row] = rows;
    // As a number: a connection through a pooler may have any DateStyle yet.
    return row && { system: row.system, timeline: Number(row.timeline), now: new Date(row.at) };
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "42501") return undefined;
    throw error;
  }
}
