import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startTestServer } from "#test/test-server.ts";
import { openBench } from "./bench.ts";
import { createJudge } from "./judge.ts";
import { allMutants, among, changeOf, sampleOf } from "./mutate.ts";
import { ownTestsOf } from "./own-tests.ts";
import { openProgress } from "./progress.ts";
import { type Judged, reportOf, shareOf } from "./report.ts";

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
    depth: { type: "string", default: "10" },
    /** Disturbed trials of each scenario among which those are found that come by a mutant. */
    survey: { type: "string", default: "4" },
    /** Histories among which those are found. */
    histories: { type: "string", default: "12" },
    /** After so long no other mutant is begun; the report is of those that were judged. */
    minutes: { type: "string" },
    least: { type: "string" },
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
const sample = sampleOf(wanted, Number(values.sample ?? wanted.length), Number(values.seed));
const progress = await openProgress(values.progress);
const { stop, ...server } = await startTestServer();
const benches = await Promise.all(Array.from({ length: Number(values.threads) }, () => openBench(root, server)));
const judged: Judged[] = [];
try {
  const [first] = benches;
  const places = (values.progress === undefined ? sample : all).map(({ id, path, start }) => ({ id, path, start }));
  if (!first) throw new Error("--threads must be 1 at least");
  const [each, histories] = [Number(values.survey), Number(values.histories)];
  const known = await progress.survey(root, `${each} ${histories}`, () => first.survey({ places, each, histories }));
  console.log(`${known.trials.length} trials come by ${Object.keys(known.reached).length} of ${places.length} mutants`);
  const unmutated = await first.trials(known.trials.slice(0, 3));
  if (unmutated !== undefined) throw new Error(`Nothing can be judged, trials break without any mutant: ${unmutated}`);
  const ownTests = await ownTestsOf(root);
  const left = [...sample];
  const work = async (bench: (typeof benches)[number]): Promise<void> => {
    const judge = createJudge(bench, known, ownTests, Number(values.depth));
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const before = progress.known(mutant);
      if (!before && minutes() > Number(values.minutes ?? Infinity)) continue;
      const judgement = before ?? (await judge(mutant));
      judged.push([mutant, judgement]);
      if (!before) await progress.note(mutant, judgement);
      const { result, by, seen = "" } = judgement;
      console.log(`${judged.length}/${sample.length} ${result} by ${by}: ${mutant.id}, ${changeOf(mutant)} ${seen}`);
    }
  };
  await Promise.all(benches.map(work));
} finally {
  for (const bench of benches) bench.close();
  await stop();
}
for (const line of reportOf(judged)) console.log(line);
const share = shareOf(judged);
const unjudged = sample.length - judged.length;
console.log(
  `${judged.length} of ${all.length} mutants in ${minutes().toFixed(0)} min, ${unjudged} left; ${share.toFixed(1)} % killed`,
);
process.exitCode = share < Number(values.least ?? 0) ? 1 : 0;
