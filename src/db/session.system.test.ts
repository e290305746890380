import { expect, test } from "vitest";
import { openLog } from "#log.ts";
import { createTestDatabase } from "#test/database.ts";
import { openDatabase } from "./connection.ts";

/** What somebody has set, and what is in force on our connections. */
const cases = {
  datestyle: ["'SQL, DMY'", "ISO, MDY"],
  intervalstyle: ["sql_standard", "postgres"],
  timezone: ["'Pacific/Chatham'", "UTC"],
  default_transaction_isolation: ["serializable", "read committed"],
  lock_timeout: ["1", "0"],
  idle_session_timeout: ["60000", "0"],
  statement_timeout: ["100", "1min"],
  transform_null_equals: ["on", "off"],
  array_nulls: ["off", "on"],
  exit_on_error: ["on", "off"],
  session_replication_role: ["replica", "origin"],
  synchronous_commit: ["off", "on"],
  search_path: ["''", "public, pg_temp"],
} as const;

test("what a database has set otherwise is as we rely on it, on each connection", async () => {
  await using theirs = await createTestDatabase();
  const name = new URL(theirs.url).pathname.slice(1);
  for (const [setting, [value]] of Object.entries(cases))
    await theirs.pool.query(`alter database ${name} set ${setting} = ${value}`);
  const ours = openDatabase(theirs.url, { log: openLog("error") });
  const { rows } = await ours.statements.query<{ name: string; value: string }>(
    "select name, current_setting(name) as value from unnest($1::text[]) as it (name)",
    [Object.keys(cases)],
  );
  await ours.close();
  const found = Object.fromEntries(rows.map((row) => [row.name, row.value]));
  expect(found).toEqual(Object.fromEntries(Object.entries(cases).map(([setting, [, value]]) => [setting, value])));
});
