import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import type { Judgement } from "./judge.ts";
import { drawn, reaching } from "./judge.ts";
import { allMutants, among, applied, changeOf, mutantsOf, sampleOf } from "./mutate.ts";
import { ownTestsOf } from "./own-tests.ts";
import { choosing, recording } from "./recorder.ts";
import { type Judged, reportOf, shareOf } from "./report.ts";
import { schemataOf, staticOf } from "./schemata.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What an operator makes of this text. */
const made = (operator: string, text: string): string[] =>
  mutantsOf("src/x.ts", text)
    .filter((mutant) => mutant.operator === operator)
    .map((mutant) => applied(text, mutant));

test.each<[operator: string, text: string, mutants: string[]]>([
  ["drop-guard", "if (late) throw error;", ["{}"]],
  ["drop-guard", "for (;;) { if (late) { count(); continue; } }", ["for (;;) { {} }"]],
  ["drop-guard", "if (late) count();", []],
  ["drop-guard", "if (late) throw error; else count();", []],
  ["drop-where", 'q.where("id", "=", id).execute();', ["q.execute();"]],
  ["drop-where", "const l = rows\n  .filter(isOurs)\n  .map(name);", ["const l = rows\n  .map(name);"]],
  ["drop-await", "if (a) await ring(tx);", ["if (a) {}"]],
  ["drop-await", "const row = await read(tx);", []],
  ["negate", "if (late) count();", ["if (!(late)) count();"]],
  ["negate", "if (!late) count();", ["if (late) count();"]],
  ["negate", "const is = a === b;", ["const is = a !== b;"]],
  ["negate", "const is = a > b;", []],
  ["force", "const is = late ? one : two;", ["const is = true ? one : two;", "const is = false ? one : two;"]],
  ["force", "if (late) throw error;", ["if (true) throw error;"]],
  ["force", "if (late) count();", ["if (true) count();", "if (false) count();"]],
  ["shift-comparison", "const is = a <= b;", ["const is = a < b;"]],
  ["shift-comparison", "const is = a\n  > b;", ["const is = a\n  >= b;"]],
  ["shift-comparison", 'q.where("at", "<", now);', ['q.where("at", "<=", now);']],
  ["shift-comparison", 'say("at", "<", now);', []],
  ["shift-window", "const ms = 10 * 60_000;", ["const ms = (2 * (10 * 60_000));", "const ms = 0;"]],
  ["shift-window", "const first = them[1];", []],
  ["shift-window", "after(now, settle);", ["(now);", "after(now, 2 * (settle));"]],
  ["shift-window", "const is = status === 404;", []],
  ["swap-names", "const at = row.begun_at;", ["const at = row.finished_at;"]],
  ["swap-names", 'q.orderBy("begun_at");', ['q.orderBy("finished_at");']],
  ["swap-names", "after(now, ms);", ["after(new Date(0), ms);"]],
  ["swap-names", "const begun_at = 1;", []],
  ["forget-key", "q.set({ a: 1, b });", ["q.set({  b });", "q.set({ a: 1,  });"]],
  ["forget-key", "say({ a: 1 });", []],
  ["swap-logic", "const is = a && b;", ["const is = a || b;"]],
  ["swap-logic", "const is = a ?? b;", []],
  ["empty-array", "const f = () => rows.map(name);", ["const f = () => [];"]],
  ["empty-array", "function f() { return [one]; }", ["function f() { return []; }"]],
  [
    "in-sql",
    'q("select id from t where a = $1 and epoch = $2 for no key update");',
    [
      'q("select id from t where true or a = $1 and epoch = $2 for no key update");',
      'q("select id from t where a = $1 for no key update");',
    ],
  ],
  ["in-sql", "sql`select 1 where at <= ${now}`;", ["sql`select 1 where at < ${now}`;"]],
  ["in-sql", "sql`select 1 where at is not null`;", ["sql`select 1 where at is null`;"]],
  ["in-sql", 'say("this and that <= nothing");', []],
])("%s of %s", (operator, text, mutants) => {
  expect(made(operator, text).toSorted()).toEqual(mutants.toSorted());
});

test("what is said in the log is left alone", () =>
  expect(mutantsOf("src/x.ts", "engine.log.warn({ ms: late ? 1000 : 2000 }, late && text);")).toEqual([]));

test("types are left alone", () =>
  expect(mutantsOf("src/x.ts", "type A = B extends 'back' ? 1000 : 2000;")).toEqual([]));

test("a mutant says where it is and what it does", () => {
  const [mutant] = mutantsOf("src/x.ts", "const é = 'ü';\n  if (late) throw error;").filter(
    (it) => it.operator === "drop-guard",
  );
  expect(mutant).toMatchObject({ id: "src/x.ts:2:3:drop-guard", line: 2, from: "if (late) throw error;" });
  expect(mutant && changeOf(mutant)).toBe("without `if (late) throw error;`");
});

test("every mutant of the rules' code parses, changes something, and has an id of its own", async () => {
  const all = await allMutants(root);
  expect(all.length).toBeGreaterThan(3000);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const texts = new Map(
    await Promise.all(
      [...new Set(all.map(({ path }) => path))].map(
        async (path) => [path, await readFile(`${root}/${path}`, "utf8")] as const,
      ),
    ),
  );
  for (const mutant of all) {
    const text = texts.get(mutant.path) ?? "";
    expect(text.slice(mutant.start, mutant.end)).toBe(mutant.from);
    const changed = applied(text, mutant);
    expect(changed).not.toBe(text);
    expect(parseSync(mutant.path, changed).errors, mutant.id).toEqual([]);
  }
});

test("a sample is the same for a seed, and another for another", async () => {
  const all = await allMutants(root);
  const ids = (size: number, seed: number) => sampleOf(all, size, seed).map(({ id }) => id);
  expect(ids(20, 7)).toEqual(ids(20, 7));
  expect(ids(40, 7).slice(0, 20)).toEqual(ids(20, 7));
  expect(ids(20, 8)).not.toEqual(ids(20, 7));
});

test("--only takes a folder, a file, a line and an id", async () => {
  const all = await allMutants(root);
  const one = all.find(({ path }) => path === "src/engine/decide.ts");
  if (!one) throw new Error("src/engine/decide.ts has no mutant");
  expect(among(all, "src/engine")).toContain(one);
  expect(among(all, "src/engine/decide.ts").every(({ path }) => path === one.path)).toBe(true);
  expect(among(all, `${one.path}:${one.line}`).every(({ line }) => line === one.line)).toBe(true);
  expect(among(all, one.id)).toEqual([one]);
  expect(among(all, "src/eng")).toEqual([]);
});

test("a file's own tests are those beside it and those that import it", async () => {
  const own = await ownTestsOf(root);
  expect(own.of("src/engine/decide.ts")).toContain("src/engine/decide.test.ts");
  expect(own.of("src/providers/digitalocean/budget.ts")).toContain("src/providers/digitalocean/budget.system.test.ts");
  expect(own.all.filter((file) => file.startsWith("test/proof/"))).toEqual([]);
});

/** The text with all of its mutants in it, and what it says where the one of this operator is chosen. */
function chosen(body: string, operator: string): (scope: Record<string, unknown>) => unknown {
  const text = `function it() { ${body} }`;
  const numbered = mutantsOf("src/x.ts", text).map((it, number) => [number, it] as const);
  const wanted = numbered.find(([, it]) => it.operator === operator)?.[0];
  const program = schemataOf("src/x.ts", text, numbered);
  return (scope) =>
    run(
      program,
      choosing(() => wanted),
      scope,
    );
}

function run(
  program: string,
  { __mutant, __saw }: ReturnType<typeof choosing>,
  scope: Record<string, unknown>,
): unknown {
  const it = compileFunction(`${program} return it();`, ["__mutant", "__saw", ...Object.keys(scope)]);
  return it(__mutant, __saw, ...Object.values(scope));
}

test.each<[body: string, operator: string, scope: Record<string, unknown>, whole: unknown, changed: unknown]>([
  ["if (late) return 1; return 2;", "drop-guard", { late: true }, 1, 2],
  ["if (a) if (late) return 1; else return 3; return 2;", "force", { a: false, late: false }, 2, 3],
  [
    "const rows = all.filter((it) => it > 1).map((it) => it * 2); return rows;",
    "drop-where",
    { all: [1, 2] },
    [4],
    [2, 4],
  ],
  ["return all?.filter((it) => it > 1).length ?? 7;", "drop-where", { all: [1, 2] }, 1, 2],
  ["const is = a === b; return is;", "negate", { a: 1, b: 1 }, true, false],
  ["const { ms = 10 * 60 } = given; return ms;", "shift-window", { given: {} }, 600, 1200],
  ["return db.set({ a: 1, b: 2 });", "forget-key", { db: { set: (it: unknown) => it } }, { a: 1, b: 2 }, { b: 2 }],
  ["return row.poll.toString();", "swap-names", { row: { poll: 1, settle: 2 } }, "1", "2"],
  ["return a && b;", "swap-logic", { a: false, b: true }, false, true],
  [
    "return `select 1 where at is null or ${a}`;",
    "in-sql",
    { a: 1 },
    "select 1 where at is null or 1",
    "select 1 where at is not null or 1",
  ],
])("%s, %s chosen while it runs", (body, operator, scope, whole, changed) => {
  expect(chosen(body, "none")(scope)).toEqual(whole);
  expect(chosen(body, operator)(scope)).toEqual(changed);
});

test("of a condition, who comes by is who would have seen another value", () => {
  const text = "function it() { if (a < b) return 1; return a.c || b ? ask() : 2; }";
  const numbered = mutantsOf("src/x.ts", text).map((it, number) => [number, it] as const);
  const comeBy = (scope: Record<string, unknown>): string[] => {
    const come = new Set<number>();
    run(
      schemataOf("src/x.ts", text, numbered),
      recording((number) => come.add(number)),
      { ask: () => 3, ...scope },
    );
    return numbered.flatMap(([number, it]) => (come.has(number) ? [`${it.operator} ${it.to}`] : []));
  };
  expect(comeBy({ a: 1, b: 2 })).toEqual(["drop-guard {}"]);
  expect(comeBy({ a: 1, b: 1 })).toEqual(["force true", "shift-comparison <=", "force false", "swap-logic &&"]);
  const third = ["shift-window (2 * (2))", "shift-window 0"];
  expect(comeBy({ a: 1, b: 0 })).toEqual(["force true", "force true", "swap-logic &&", ...third]);
});

test("all mutants of the rules' code stand in one program that parses", async () => {
  const all = await allMutants(root);
  for (const [path, them] of Map.groupBy(all, (it) => it.path)) {
    const text = await readFile(`${root}/${path}`, "utf8");
    const program = schemataOf(
      path,
      text,
      them.map((it, number) => [number, it] as const),
    );
    expect(parseSync(path, program).errors, path).toEqual([]);
  }
});

test("what stands outside of all functions is asked for at the start", () => {
  const text = "const ms = 1000;\nexport const after = (at) => at + 2000;";
  const them = mutantsOf("src/x.ts", text);
  expect([...staticOf("src/x.ts", text, them)].map((id) => id.split(":")[1])).toEqual(["1", "1"]);
});

test("who comes by a mutant: a static one, whoever comes by anything of its file", () => {
  const mutants = mutantsOf("src/x.ts", "const ms = 1000;\nexport const after = (at) => at + 2000;");
  const known = { mutants, static: staticOf("src/x.ts", "const ms = 1000;", mutants.slice(0, 2)) };
  const trials = [{ reached: [2] }, { reached: [] }];
  expect(reaching(known, trials)).toEqual([[trials[0]], [trials[0]], [trials[0]], []]);
});

test("a mutant's trials are of as many scenarios as there are, the recorded ones first, and histories come last", () => {
  const trials = ["a", "a", "a", "b", "c", "history"].map((saga, index) => ({
    saga,
    trial: String(index),
    isRecorded: index === 2,
  }));
  expect(drawn(trials.slice(0, 4), 1)).toEqual([trials[2]]);
  expect(new Set(drawn(trials.slice(0, 4), 3).map(({ saga }) => saga))).toEqual(new Set(["a", "b"]));
  expect(drawn(trials.slice(0, 4), 10)).toHaveLength(4);
  expect(
    drawn(
      [trials[5], trials[0]].flatMap((it) => it ?? []),
      10,
    ),
  ).toEqual([trials[0], trials[5]]);
  expect(drawn([], 10)).toEqual([]);
});

test("the report counts by folder, and tells how to try again what survived", () => {
  const mutants = mutantsOf("src/engine/x.ts", "if (late) throw error;\nif (a && b) count();");
  const judgements: Judgement[] = [
    { result: "killed", by: "trials" },
    { result: "survived", by: "10 trials" },
  ];
  const judged = mutants.map((it, index): Judged => [it, judgements[index] ?? { result: "invalid", by: "types" }]);
  expect(shareOf(judged)).toBe(50);
  const lines = reportOf(judged);
  expect(lines[2]).toBe(`| src/engine | ${mutants.length} | 1 | 0 | 1 | 0 | 1 | ${mutants.length - 2} | 50 % |`);
  expect(lines.at(-1)).toBe(`  replay: npm run prove:mutants -- --only ${mutants[1]?.id}`);
});
