import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanRun } from "#proof/matrix/trial.ts";
import { dropDatabase } from "#test/test-server.ts";
import type { Bench } from "./bench.ts";
import { createChild } from "./child.ts";
import { ranTests, ranTrials, surveyed, type SurveyedTest, type Trial } from "./messages.ts";

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
    async survey(what: { readonly saga: string; readonly each: number; readonly seed: number }) {
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

/** Those who run test files in a bench. */
export function askTests(bench: Bench, workers = 1) {
  const child = createChild(join(bench.directory, "test/mutants/test-worker.ts"), {
    cwd: bench.directory,
    env: { ARCADIA_TEST_SERVER: JSON.stringify(bench.server), ARCADIA_TEST_WORKERS: String(workers) },
  });
  const put = (what: string): Promise<void> => writeFile(join(bench.place, "active"), what);

  return {
    /** Of these files those that hold with the mutants at rest: how long each takes, and which it comes by. */
    async survey(files: readonly string[]): Promise<SurveyedTest[]> {
      await put("record");
      const took = await child.ask({ files, bail: false }, 60 * minute);
      await put("");
      if ("unanswered" in took) throw new Error(`The survey of the tests ${took.unanswered}: ${took.said}`);
      const { results } = ranTests.parse(took.answer);
      const held = results.filter(({ state }) => state === "passed");
      return Promise.all(
        held.map(async ({ file, ms }) => ({ file, ms: Math.round(ms), reached: await reachedBy(bench, file) })),
      );
    },
    /** Until the first that fails. */
    async ask(mutant: number, files: readonly string[]): Promise<Seen> {
      if (files.length === 0) return undefined;
      await put(String(mutant));
      const took = await child.ask({ files, bail: true }, 2 * minute);
      await put("");
      if ("unanswered" in took) return `${files.join(" ")}: ${took.unanswered}`;
      const { results, unhandled } = ranTests.parse(took.answer);
      const failed = results.find(({ state }) => state === "failed");
      if (failed) return `${failed.file} ${failed.error ?? ""}`;
      return unhandled > 0 ? `${files.join(" ")}: an error that nobody handles` : undefined;
    },
    end: () => child.end(),
  };
}

/** What the processes of a test file came by, together. */
async function reachedBy(bench: Bench, file: string): Promise<number[]> {
  const directory = join(bench.place, "reached", encodeURIComponent(join(bench.directory, file)));
  const reached = new Set<number>();
  for (const name of await readdir(directory).catch(() => []))
    for (const number of JSON.parse(await readFile(join(directory, name), "utf8"))) reached.add(Number(number));
  await rm(directory, { recursive: true, force: true });
  return [...reached];
}

export type Trials = ReturnType<typeof askTrials>;
export type Tests = ReturnType<typeof askTests>;

const errorIn = (said: string): string => said.split("\n").find((line) => /error/i.test(line)) ?? "";
