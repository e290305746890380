import { z } from "zod";
import type { Ground } from "./matrix/run-trial.ts";
import type { ProofDatabase } from "./stage/database.ts";
import type { Stage } from "./stage/stage.ts";

/** What a run has come to, by what holds it: the rows of each table, the provider's account, what was logged, and what was told beforehand. Lines in order. */
export type EndState = ReadonlyMap<string, readonly string[]>;

/** The same in every run, or not the run's. */
const constant = new Set(["audit_log", "migrations", "catalogue"]);
/** Their ids PostgreSQL draws itself, which no seed reaches. */
const withoutIds = new Set(["cost_spans", "webhook_deliveries"]);
/** What is sealed, as a row's JSON has it: sealed anew it is another. */
const sealed = /"\\\\x01[\da-f]{40,}"|(?<="sealed": )"[\w+/]{40,}=*"/g;

/** The ground such that what the next run on it has come to is told by `end` once it is over; nothing before. */
export function seenToItsEnd(ground: Ground): { readonly ground: Ground; readonly end: () => EndState } {
  let end: EndState = new Map();
  const atEnd = async (stage: Stage) => void (end = await endStateOf(ground.database, stage));
  return { ground: { ...ground, atEnd }, end: () => end };
}

/** Of a stage on which nobody is at work any more: whatever two runs of one seed have in common. */
async function endStateOf(database: ProofDatabase, { simulator, logged, previews }: Stage): Promise<EndState> {
  const { rows: tables } = await database.send(
    `select table_name::text as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    [],
  );
  const asked = z
    .array(z.object({ name: z.string() }))
    .parse(tables)
    .filter(({ name }) => !constant.has(name))
    .map(({ name }) => {
      const row = withoutIds.has(name) ? "to_jsonb(it) - 'id'" : "to_jsonb(it)";
      return `select '${name}' as name, (${row})::text as line from "${name}" it`;
    });
  const { rows } = await database.send(`${asked.join("\nunion all ")}\norder by 1`, []);
  const lines = z.array(z.object({ name: z.string(), line: z.string() })).parse(rows);
  const { droplets, domains, ...rest } = simulator.state();
  return new Map([
    ...[...Map.groupBy(lines, ({ name }) => name)].map(
      ([name, those]) => [name, those.map(({ line }) => line.replaceAll(sealed, '"sealed"')).toSorted()] as const,
    ),
    ["the account", [...[...droplets, ...domains].map((it) => JSON.stringify(it)), JSON.stringify(rest)]],
    ["the log", logged.map(portable)],
    ...(previews.length > 0 ? [["the previews", previews] as const] : []),
  ]);
}

/** But for what is the machine's. */
const portable = (line: string): string =>
  JSON.stringify(JSON.parse(line), (key, value: unknown) => (key === "time" || key === "stack" ? undefined : value));
