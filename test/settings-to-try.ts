import pg from "pg";
import { administer, type TestServer } from "./test-server.ts";

/** A setting of a database, as `alter database … set` takes it. */
export interface Try {
  readonly setting: string;
  readonly value: string;
}

/** Of settings that are texts, what is worth trying. */
const texts: Readonly<Record<string, readonly string[]>> = {
  DateStyle: ["'SQL, DMY'", "'German'", "'Postgres, MDY'", "'ISO, YMD'"],
  TimeZone: ["'Pacific/Chatham'", "'America/St_Johns'", "'Asia/Kathmandu'"],
  client_encoding: ["'LATIN1'", "'SQL_ASCII'", "'EUC_JP'", "'WIN1251'"],
  search_path: ["''", "'nowhere'", "pg_catalog, public"],
  application_name: ["'theirs'"],
  default_text_search_config: ["'pg_catalog.german'", "'pg_catalog.simple'"],
  lc_messages: ["'C'"],
  lc_monetary: ["'C'"],
  lc_numeric: ["'C'"],
  lc_time: ["'C'"],
  temp_tablespaces: ["''"],
  default_tablespace: ["'pg_default'"],
  default_table_access_method: ["'heap'"],
  restrict_nonsystem_relation_kind: ["'view, foreign-table'"],
  createrole_self_grant: ["'set, inherit'"],
  timezone_abbreviations: ["'Australia'"],
};

/** Left out, and why. */
const without: Readonly<Record<string, string>> = {
  default_transaction_read_only: "respected: tried by itself",
  post_auth_delay: "its bound keeps every connection waiting for half an hour",
  debug_discard_caches: "makes each statement a hundred times as slow",
  role: "another role than the one that connects is another test",
  session_authorization: "set by the connection itself",
  seed: "an action, not a setting",
  transaction_isolation: "one transaction's",
  transaction_read_only: "one transaction's",
  transaction_deferrable: "one transaction's",
};

interface Setting {
  name: string;
  vartype: string;
  enumvals: string[] | null;
  min_val: string | null;
  max_val: string | null;
}

/** Every value of each yes-or-no or enumerated setting that a database may have, and numbers at their bounds. */
export async function settingsToTry(server: TestServer): Promise<{ tries: Try[]; refused: string[] }> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query<Setting>(
    `select name, vartype, enumvals, min_val, max_val from pg_settings
      where context in ('user', 'superuser', 'backend', 'superuser-backend') order by name`,
  );
  const wanted = rows
    .filter(({ name }) => !(name in without))
    .flatMap((row) => valuesOf(row).map((value): Try => ({ setting: row.name, value })));
  // What PostgreSQL does not take, no database has.
  const scratch = `settings_scratch_${process.pid}`;
  await administer(server, `create database ${scratch}`);
  const tries: Try[] = [];
  const refused: string[] = [];
  for (const each of wanted) {
    const taken = await client
      .query(`alter database ${scratch} set ${pg.escapeIdentifier(each.setting)} = ${each.value}`)
      .then(
        () => true,
        () => false,
      );
    if (taken) tries.push(each);
    else refused.push(`${each.setting} = ${each.value}`);
  }
  await client.end();
  await administer(server, `drop database ${scratch}`);
  return { tries, refused };
}

function valuesOf({ name, vartype, enumvals, min_val, max_val }: Setting): readonly string[] {
  if (vartype === "bool") return ["on", "off"];
  if (vartype === "enum") return (enumvals ?? []).map((value) => pg.escapeLiteral(value));
  if (vartype === "string") return texts[name] ?? [];
  return [min_val, max_val].flatMap((value) => (value === null ? [] : [`'${value}'`]));
}

const most = 60;

/** In parts of at most sixty, none of which sets the same thing twice. */
export function partsOf(tries: readonly Try[]): Try[][] {
  const rounds: Try[][] = [];
  const seen = new Map<string, number>();
  for (const each of tries) {
    const round = seen.get(each.setting) ?? 0;
    seen.set(each.setting, round + 1);
    (rounds[round] ??= []).push(each);
  }
  return rounds.flatMap((round) =>
    Array.from({ length: Math.ceil(round.length / most) }, (_, index) => round.slice(index * most, (index + 1) * most)),
  );
}
