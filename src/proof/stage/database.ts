import type pg from "pg";

/** The one connection of a proof, to a migrated database that nobody else uses. */
export interface ProofDatabase {
  /** Sends a statement, prepared under a name of its own: planning costs more than running here. */
  send(text: string, values: readonly unknown[]): Promise<pg.QueryResult>;
  /** `begin`, `commit`, `rollback`: kept back until the next statement, and sent with it. Rejects if it fails then. */
  control(statement: string): Promise<void>;
  /** Of a statement that changes nothing that lasts: whether it only looks what is due, wakes the workers, or has no effect here. */
  hintOf(text: string): "look" | "ring" | "nothing" | undefined;
  /** Whether its answer depends on nothing but the rows of sagas. */
  asksSagasAlone(text: string): boolean;
  /** What a statement does, as a history shows it: `select sagas for update`. */
  summary(text: string): string;
  /** Keeps what is committed by now; and puts it back, so that nothing is there that was committed since. */
  keep(): Promise<void>;
  recall(): Promise<void>;
  /** Empties it, which is ten times quicker than another clone. */
  reset(): Promise<void>;
}

/** The migrations' own; nothing in a proof writes to them. */
const kept = new Set(["migrations"]);

/** When every proof begins. */
export const startsAt = new Date("2026-11-01T12:00:00Z");
/** In which life its database is then. */
export const firstLife = { system: "proof", timeline: 1 };

/** How many resets a database bears before its dead rows cost more than their removal. */
const resetsPerVacuum = 40;

interface Statement {
  readonly name: string;
  readonly summary: string;
}

export async function openProofDatabase(client: pg.Client): Promise<ProofDatabase> {
  const { rows } = await client.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = 'public' order by 1",
  );
  const tables = rows.map((row) => row.tablename).filter((table) => !kept.has(table));
  const replacing = (each: (table: string) => string[]): string =>
    ["set session_replication_role = replica", ...tables.flatMap(each), "set session_replication_role = default"].join(
      ";",
    );
  const emptying = [
    "set session_replication_role = replica",
    ...tables.map((table) => `delete from ${table}`),
    "insert into provider default values",
    "insert into request_budget default values",
    `insert into database_lives values ('${firstLife.system}', ${firstLife.timeline}, '${startsAt.toISOString()}')`,
    "set session_replication_role = default",
  ].join(";");
  // What one proof has written there would be in the way of the next, which has the same ids.
  await client.query("alter table audit_log disable trigger audit_log_is_append_only");
  // A plan that depends on how often it was made would make histories depend on what ran before them.
  await client.query("set plan_cache_mode = force_generic_plan; set jit = off");

  const statements = new Map<string, Statement>();
  const statement = (text: string): Statement => {
    const known = statements.get(text);
    if (known) return known;
    const made = { name: `s${statements.size}`, summary: summarize(text) };
    statements.set(text, made);
    return made;
  };
  const keptBack: (() => void)[] = [];
  const goOn = (): void => {
    for (const go of keptBack.splice(0)) go();
  };
  let resets = 0;
  return {
    async send(text, values) {
      // One write for all: where the processes share two cores, waking each other costs more than the statements.
      client.connection.stream.cork();
      goOn();
      const answer = client.query({ name: statement(text).name, text, values: [...values] });
      client.connection.stream.uncork();
      return answer;
    },
    control: (text) =>
      new Promise((resolve, reject) => {
        keptBack.push(() => void client.query(text).then(() => resolve(), reject));
      }),
    hintOf,
    asksSagasAlone: (text) => text.startsWith("select min(due_at)") || text.startsWith('select "watching",'),
    summary: (text) => statement(text).summary,
    async keep() {
      goOn();
      await client.query(
        replacing((table) => [
          `create temp table if not exists kept_${table} (like ${table})`,
          `delete from kept_${table}`,
          `insert into kept_${table} select * from ${table}`,
        ]),
      );
    },
    async recall() {
      goOn();
      await client.query(
        replacing((table) => [`delete from ${table}`, `insert into ${table} select * from kept_${table}`]),
      );
    },
    async reset() {
      keptBack.splice(0);
      await client.query("rollback");
      if (resets++ % resetsPerVacuum === 0) await client.query("vacuum");
      await client.query(emptying);
    },
  };
}

/** What is to be done beside the sagas, and when. */
const ofChores = /\b(?:from|into|update) chores\b/;

/** Nobody listens: the doorbell is rung on virtual time. What a transaction on many sagas is set to is set for all. */
function hintOf(text: string): "look" | "ring" | "nothing" | undefined {
  if (text.startsWith("select pg_notify(")) return text.endsWith("'')") ? "ring" : "nothing";
  if (text.startsWith("set local ")) return "nothing";
  return text.startsWith("select min(due_at)") || ofChores.test(text) ? "look" : undefined;
}

const firstWord = /\w+/;
const firstTable = /\b(?:from|into|update) "?(?<table>\w+)/;

function summarize(text: string): string {
  const [verb = "?"] = firstWord.exec(text) ?? [];
  const table = firstTable.exec(text)?.groups?.["table"];
  return [verb, table, text.includes("for update") && "for update"].filter((word) => word).join(" ");
}
