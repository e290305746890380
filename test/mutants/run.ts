import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allScenarios } from "#proof/scenario-of.ts";
import { startTestServer } from "#test/test-server.ts";
import { askTests, askTrials } from "./ask.ts";
import { copyOf, openBench } from "./bench.ts";
import { createJudge } from "./judge.ts";
import { history, type Kept } from "./messages.ts";
import { allMutants, among, changeOf, sampleOf } from "./mutate.ts";
import { ownTestsOf } from "./own-tests.ts";
import { openProgress } from "./progress.ts";
import { type Judged, reportOf, shareOf } from "./report.ts";
import { staticOf } from "./schemata.ts";
import { tellingFile, tellingOf } from "./telling.ts";
import { withoutTypes } from "./types.ts";

/**
 * `npm run prove:mutants`: changes the rules' code in small ways, and asks the proofs and tests of each change whether they
 * see it. Exit status 1 when they see less than `--least` of a hundred.
 */
const { values } = parseArgs({
  options: {
    /** So many, drawn by `--seed`; by default all. */
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    /** Only of this folder, file, `file:line` or mutant; several by commas. */
    only: { type: "string" },
    /** Where judgements are kept, so that an interrupted run goes on. */
    progress: { type: "string" },
    threads: { type: "string", default: "1" },
    /** Trials for each mutant, at most. */
    depth: { type: "string", default: "24" },
    /** Seconds for which tests that come by it are asked, at most: as long as they take without it. With 0 none is run at all. */
    tests: { type: "string", default: "20" },
    /** Disturbed trials of each scenario among which those are found that come by a mutant. */
    survey: { type: "string", default: "8" },
    /** Histories among which those are found. */
    histories: { type: "string", default: "12" },
    /** Asks those again that a run before has let survive. */
    again: { type: "boolean", default: false },
    /** After so long no other mutant is begun; the report is of those that were judged. */
    minutes: { type: "string" },
    least: { type: "string" },
    /** Judges none: of the survey so many trials at most are chosen for `test/proof/telling-trials.json`, those that come by most. */
    choose: { type: "string" },
  },
});
// Whoever ends us ends what we started.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const started = performance.now();
const minutes = (): number => (performance.now() - started) / 60_000;
const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const all = await allMutants(root);
const wanted = values.only?.split(",").flatMap((only) => among(all, only)) ?? all;
if (wanted.length === 0)
  throw new Error(`There is no mutant at ${values.only}; src/engine/decide.ts:12 is one's place`);
const size = values.choose === undefined ? Number(values.sample ?? wanted.length) : 0;
const sample = sampleOf(wanted, size, Number(values.seed));
const progress = await openProgress(values.progress);
const ownTests = await ownTestsOf(root);
const { stop, ...server } = await startTestServer();
const bench = await openBench(root, server, all);
const count = Number(values.threads);
const judges = await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const own = index === 0 ? bench : await copyOf(bench);
    return { bench: own, trials: askTrials(own, `mutants_${process.pid}_${index}`), tests: askTests(own) };
  }),
);
const judged: Judged[] = [];
const asksTests = Number(values.tests) > 0;

/** Takes from a list until nothing is left, all at once. */
async function together<T>(list: readonly T[], work: (it: T, by: (typeof judges)[number]) => Promise<void>) {
  const left = [...list];
  await Promise.all(
    judges.map(async (judge) => {
      for (let it = left.shift(); it !== undefined; it = left.shift()) await work(it, judge);
    }),
  );
}

async function surveyOfTests(): Promise<Kept["tests"]> {
  if (!asksTests) return [];
  const quick = askTests(bench, count + 1);
  const tests = await quick.survey(ownTests.all);
  await quick.end();
  return tests;
}

async function survey(): Promise<Kept> {
  const invalid = await withoutTypes(root, all);
  console.log(`${invalid.size} of ${all.length} mutants do not type-check (${minutes().toFixed(1)} min)`);
  const asked = [
    { saga: history, count: Number(values.histories) },
    ...Object.keys(allScenarios).map((saga) => ({ saga, count: Number(values.survey) })),
  ];
  const trials: Kept["trials"] = [];
  await together(asked, async (what, judge) => {
    const { found, broken } = await judge.trials.survey(what);
    trials.push(...found);
    for (const it of broken) console.log(it);
  });
  console.log(`${trials.length} trials and histories are known (${minutes().toFixed(1)} min)`);
  const tests = await surveyOfTests();
  console.log(`${tests.length} tests hold with the mutants at rest (${minutes().toFixed(1)} min)`);
  const inOrder = trials.toSorted((a, b) => a.saga.localeCompare(b.saga) || a.trial.localeCompare(b.trial));
  return { invalid: [...invalid], trials: inOrder, tests };
}

try {
  const { invalid, trials, tests } = await progress.survey(
    root,
    // What is come by is known by number.
    `${values.survey} ${values.histories} ${asksTests} ${all.map(({ id }) => id).join(" ")}`,
    survey,
  );
  if (values.choose !== undefined) {
    const chosen = tellingOf(trials, Number(values.choose));
    await writeFile(join(root, tellingFile), `${JSON.stringify(chosen, null, 2)}\n`);
    console.log(`${Object.values(chosen).flat().length} trials are chosen: record them`);
  }
  const fixed = await Promise.all(
    [...Map.groupBy(all, ({ path }) => path)].map(async ([path, them]) =>
      staticOf(path, await readFile(join(root, path), "utf8"), them),
    ),
  );
  const judge = createJudge(
    {
      mutants: all,
      static: new Set(fixed.flatMap((ids) => [...ids])),
      invalid: new Set(invalid),
      trials,
      tests,
      ownTests: ownTests.of,
    },
    { trials: Number(values.depth), testsMs: 1000 * Number(values.tests) },
  );
  await together(sample, async (mutant, by) => {
    const known = progress.known(mutant);
    const before = values.again && known?.result === "survived" ? undefined : known;
    if (!before && minutes() > Number(values.minutes ?? Infinity)) return;
    const judgement = before ?? (await judge(mutant, by));
    judged.push([mutant, judgement]);
    if (before) return;
    await progress.note(mutant, judgement);
    const { result, by: who, seen = "" } = judgement;
    console.log(`${judged.length}/${sample.length} ${result} by ${who}: ${mutant.id}, ${changeOf(mutant)} ${seen}`);
  });
} finally {
  for (const it of judges) {
    await it.trials.end();
    await it.tests.end();
    it.bench.close();
  }
  await stop();
}
for (const line of reportOf(judged)) console.log(line);
const share = shareOf(judged);
const unjudged = sample.length - judged.length;
console.log(
  `${judged.length} of ${all.length} mutants in ${minutes().toFixed(0)} min, ${unjudged} left; ${share.toFixed(1)} % killed`,
);
process.exitCode = share < Number(values.least ?? 0) ? 1 : 0;
