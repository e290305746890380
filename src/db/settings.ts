/**
 * What a database, a role or a server may have set, and we rely on: set on each of our connections. A name that this
 * PostgreSQL does not know is left out. `default_transaction_read_only` is not here: who sets it wants nothing written,
 * as managed databases do whose disk is full.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const relied: Readonly<Record<string, string>> = {
  client_encoding: "UTF8",
  datestyle: "ISO, MDY",
  intervalstyle: "postgres",
  timezone: "UTC",
  default_transaction_isolation: "read committed",
  default_transaction_deferrable: "off",
  lock_timeout: "0",
  idle_session_timeout: "0",
  transaction_timeout: "0",
  bytea_output: "hex",
  extra_float_digits: "1",
  standard_conforming_strings: "on",
  backslash_quote: "safe_encoding",
  array_nulls: "on",
  transform_null_equals: "off",
  quote_all_identifiers: "off",
  row_security: "on",
  exit_on_error: "off",
  restrict_nonsystem_relation_kind: "",
};

/**
 * Set only where they are wrong: an ordinary role may not set the first, by which triggers and foreign keys are kept;
 * without the second, an intent that was committed is lost when the database crashes. How far a commit has to reach
 * replicas is the operator's choice.
 */
const mended: Readonly<Record<string, { readonly wrong: readonly string[]; readonly right: string }>> = {
  session_replication_role: { wrong: ["replica", "local"], right: "origin" },
  synchronous_commit: { wrong: ["off"], right: "on" },
};

/** How long one statement may take, and how long a transaction may be idle. Milliseconds; 0: for ever. */
export interface Patience {
  readonly statementMs: number;
  readonly idleInTransactionMs: number;
}

/** For work on a connection of its own that may take long: a migration, a backup. */
export const patient: Patience = { statementMs: 0, idleInTransactionMs: 0 };

/** Names of all that may have to be set. */
export const settingNames: readonly string[] = [
  ...Object.keys(relied),
  ...Object.keys(mended),
  "statement_timeout",
  "idle_in_transaction_session_timeout",
];

/**
 * What is to be set on a connection, as names and values.
 * @param current what is set now; null: unknown to this PostgreSQL
 */
export function toBeSet(current: Readonly<Record<string, string | null>>, patience: Patience): [string, string][] {
  const wanted = {
    ...relied,
    statement_timeout: String(patience.statementMs),
    idle_in_transaction_session_timeout: String(patience.idleInTransactionMs),
  };
  return [
    ...Object.entries(wanted).filter(([name]) => typeof current[name] === "string"),
    ...Object.entries(mended).flatMap(([name, { wrong, right }]): [string, string][] =>
      wrong.includes(current[name] ?? right) ? [[name, right]] : [],
    ),
  ];
}
