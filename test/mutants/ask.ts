import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanRun } from "#proof/matrix/trial.ts";
import type { z } from "zod";
import { dropDatabase } from "#test/test-server.ts";
import type { Bench } from "./bench.ts";
import { createChild } from "./child.ts";
import { ranTests, ranTrials, type SomeTests, surveyed, type SurveyedTest, type Trial } from "./messages.ts";
import { wholeFile } from "./whose.ts";

/** What is thought of a mutant: that it does not hold, and what shows it. */
export type Seen = string | undefined;
export type Timed = Trial & { readonly ms: number };

const minute = 60_000;

/** Those who run trials in a bench. */
export function askTrials(bench: Bench, name: string) {
  const start = { server: bench.server, database: name };
  const program = join(bench.directory, "test/mutants/trial-worker.ts");
  const usual = createChild(program, { cwd: bench.directory, args: [JSON.stringify(start)] });
  const end = async (): Promise<void> => {
    await usual.end();
    await dropDatabase(bench.server, name);
  };
  let isTrusted = true;

  const ask = async (child: typeof usual, trials: readonly Timed[], mutant?: number): Promise<Seen> => {
    const took = await child.ask({ trials, ...(mutant !== undefined && { mutant }) }, 5 * minute);
    if ("unanswered" in took) return took.unanswered === "hangs" ? "it hangs" : `it died: ${errorIn(took.said)}`;
    const { broken } = ranTrials.parse(took.answer);
    return broken ? `${broken.saga} \`${broken.trial || cleanRun}\`: ${broken.broken[0]}` : undefined;
  };

  return {
    async survey(what: { readonly saga: string; readonly count: number }) {
      const took = await usual.ask(what, 60 * minute);
      if ("unanswered" in took) throw new Error(`The survey of ${what.saga} ${took.unanswered}: ${took.said}`);
      return surveyed.parse(took.answer);
    },
    /** Until the first that is broken. What a mutant has left behind in the process judges nobody after it. */
    async ask(mutant: number, trials: readonly Timed[]): Promise<Seen> {
      if (!isTrusted && (await ask(usual, trials.slice(0, 1))) !== undefined) {
        await end();
        const seen = await ask(usual, trials.slice(0, 1));
        if (seen !== undefined) throw new Error(`Nothing can be judged, a trial breaks without any mutant: ${seen}`);
      }
      const seen = await ask(usual, trials, mutant);
      isTrusted = seen === undefined;
      return seen;
    },
    /** The same in a process of its own, for one that is in effect from the start. */
    async askFresh(mutant: number, trials: readonly Timed[]): Promise<Seen> {
      const database = `${name}_fresh`;
      const args = [JSON.stringify({ ...start, database, active: mutant })];
      const fresh = createChild(program, { cwd: bench.directory, args });
      try {
        return await ask(fresh, trials);
      } finally {
        await fresh.end();
        await dropDatabase(bench.server, database);
      }
    },
    end,
  };
}

/** Those who run tests in a bench. */
export function askTests(bench: Bench, workers = 1) {
  const child = createChild(join(bench.directory, "test/mutants/test-worker.ts"), {
    cwd: bench.directory,
    env: { ARCADIA_TEST_SERVER: JSON.stringify(bench.server), ARCADIA_TEST_WORKERS: String(workers) },
  });
  const put = (what: string): Promise<void> => writeFile(join(bench.place, "active"), what);

  return {
    /** The tests of these files that hold with the mutants at rest: how long each takes, and which it comes by. */
    async survey(files: readonly string[]): Promise<SurveyedTest[]> {
      await put("record");
      const took = await child.ask({ tests: files.map((file) => ({ file })), bail: false }, 60 * minute);
      await put("");
      if ("unanswered" in took) throw new Error(`The survey of the tests ${took.unanswered}: ${took.said}`);
      const { results } = ranTests.parse(took.answer);
      return (await Promise.all(results.map((it) => surveyedOf(bench, it)))).flat();
    },
    /** Until the first that fails. */
    async ask(mutant: number, tests: readonly SomeTests[]): Promise<Seen> {
      if (tests.length === 0) return undefined;
      await put(String(mutant));
      const took = await child.ask({ tests, bail: true }, 3 * minute);
      await put("");
      const files = tests.map(({ file }) => file).join(" ");
      if ("unanswered" in took) return `${files}: ${took.unanswered}`;
      const { results, unhandled } = ranTests.parse(took.answer);
      const failed = results.find(({ state }) => state === "failed");
      if (failed) return `${failed.file} ${failed.error ?? ""}`;
      if (unhandled > 0) return `${files}: an error that nobody handles`;
      const notRun = tests.filter(({ file }) => !results.some((it) => it.file === file && it.state === "passed"));
      if (notRun.length > 0) throw new Error(`Nothing was run of ${notRun.map(({ file }) => file).join(" ")}`);
      return undefined;
    },
    end: () => child.end(),
  };
}

/** What each test of a file came by, with all the processes that it started. */
async function surveyedOf(
  bench: Bench,
  { file, ms, state, tests }: z.infer<typeof ranTests>["results"][number],
): Promise<SurveyedTest[]> {
  const directory = join(bench.place, "reached", encodeURIComponent(join(bench.directory, file)));
  const reachedBy = async (test: string): Promise<ReadonlySet<number>> => {
    const reached = new Set<number>();
    for (const name of await readdir(join(directory, test)).catch(() => []))
      for (const number of JSON.parse(await readFile(join(directory, test, name), "utf8"))) reached.add(Number(number));
    return reached;
  };
  const all = await reachedBy(wholeFile);
  const each = await Promise.all(
    tests.map(async (it) => ({ ...it, reached: new Set([...all, ...(await reachedBy(it.id))]) })),
  );
  await rm(directory, { recursive: true, force: true });
  // Where they run at the same time, nobody can tell which of them came by what.
  if (each.every(({ reached }) => reached.size === all.size))
    return state === "passed" ? [{ file, ms: Math.round(ms), reached: [...all] }] : [];
  return each
    .filter((it) => it.state === "passed")
    .map((it) => ({ file, id: it.id, ms: Math.round(it.ms), reached: [...it.reached] }));
}

export type Trials = ReturnType<typeof askTrials>;
export type Tests = ReturnType<typeof askTests>;

const errorIn = (said: string): string => said.split("\n").find((line) => /error/i.test(line)) ?? "";
