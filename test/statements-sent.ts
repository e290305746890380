import pg from "pg";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Of one text, how many sets of values are kept: what is fast for one may be slow for another. */
const mostOfOne = 40;

/** Writes down the statements that this process sends to PostgreSQL, whoever sends them. @returns them, and the end of it */
export function hearStatements() {
  const heard = new Map<string, Statement[]>();
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first, second] = args;
    const config = first as { text?: string; values?: unknown[] } | string;
    const text = typeof config === "string" ? config : (config?.text ?? "");
    const values = Array.isArray(second) ? second : typeof config === "string" ? [] : (config?.values ?? []);
    if (/^\s*(?:select|insert|update|delete|with)\b/i.test(text)) {
      const same = heard.get(text) ?? [];
      heard.set(text, same);
      if (same.length < mostOfOne) same.push({ text, values: [...values] });
    }
    return query.apply(this, args);
  };
  return {
    get statements(): Statement[] {
      return [...heard.values()].flat();
    },
    [Symbol.dispose]() {
      prototype.query = query;
    },
  };
}

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Node[];
}

export interface Reading {
  readonly table: string;
  readonly how: string;
  /** Of the table or the index, whether they were kept or not. */
  readonly rows: number;
}

/**
 * What the statement reads of tables and indexes, found by running it in a transaction that is rolled back. What cannot be
 * done twice (a row is there by now, or gone) is only planned: that tells how it reads, not how many rows.
 */
export async function readingsOf(client: pg.ClientBase, statement: Statement): Promise<Reading[]> {
  try {
    return await explained(client, statement, "analyze, timing off, buffers off");
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code?.startsWith(integrityViolations))) throw error;
    return explained(client, statement, "analyze off");
  }
}

const integrityViolations = "23";

async function explained(client: pg.ClientBase, { text, values }: Statement, how: string): Promise<Reading[]> {
  await client.query("begin");
  try {
    const asked = `explain (${how}, costs off, format json) ${text}`;
    const { rows } = await client.query<{ "QUERY PLAN": { Plan: Node }[] }>(asked, [...values]);
    return rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => readings(Plan)));
  } finally {
    await client.query("rollback");
  }
}

function readings(node: Node): Reading[] {
  const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const rows = ((node["Actual Rows"] ?? 0) + removed) * (node["Actual Loops"] ?? 0);
  const table = node["Relation Name"];
  const own = table && node["Node Type"].endsWith("Scan") ? [{ table, how: node["Node Type"], rows }] : [];
  return [...own, ...(node.Plans ?? []).flatMap(readings)];
}
