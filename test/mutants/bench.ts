import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cleanRun } from "#proof/matrix/trial.ts";
import { dropDatabase, type TestServer } from "#test/test-server.ts";
import { type Survey, survey, type SurveyTask, type Trial, verdict } from "./messages.ts";
import { applied, type Mutant } from "./mutate.ts";

/** How a program ended: `undefined` when it had to be ended. */
interface Ended {
  readonly status: number | undefined;
  readonly errors: string;
}

/** What is thought of a mutant: that it does not hold, and what shows it. */
export type Seen = string | undefined;

/** A checkout of its own in which mutants are tried; this one is not touched. */
export interface Bench {
  /** Puts the mutant in; undone by `restore`. */
  mutate(mutant: Mutant): Promise<void>;
  restore(): Promise<void>;
  /** Whether it type-checks. */
  typeChecks(): Promise<boolean>;
  trials(trials: readonly Trial[]): Promise<Seen>;
  tests(project: "unit" | "system", files: readonly string[]): Promise<Seen>;
  survey(what: Omit<SurveyTask, "server">): Promise<Survey>;
  close(): void;
}

const minute = 60_000;

export async function openBench(root: string, server: TestServer): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-mutants-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", remove);
  const skipped = new Set(["node_modules", ".git"]);
  await cp(root, directory, { recursive: true, filter: (path) => path === root || !skipped.has(basename(path)) });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  const [task, answer] = ["task.json", "answer.json"].map((name) => join(directory, name)) as [string, string];
  const answered = async (): Promise<unknown> => JSON.parse(await readFile(answer, "utf8"));
  const database = `mutant_${basename(directory)
    .replaceAll(/[^A-Za-z0-9]/g, "_")
    .toLowerCase()}`;
  const bin = (name: string): string => join(root, "node_modules", ".bin", name);
  const node = (...args: string[]): string[] => [process.execPath, "--single-threaded-gc", ...args];
  let original: { readonly path: string; readonly text: string } | undefined;

  return {
    async mutate(mutant) {
      const path = join(directory, mutant.path);
      original = { path, text: await readFile(path, "utf8") };
      await writeFile(path, applied(original.text, mutant));
    },
    async restore() {
      if (original) await writeFile(original.path, original.text);
      original = undefined;
    },
    async typeChecks() {
      const known = join(directory, "types.tsbuildinfo");
      const { status } = await run([bin("tsc"), "--incremental", "--tsBuildInfoFile", known], directory, 5 * minute);
      return status === 0;
    },
    async trials(trials) {
      await writeFile(task, JSON.stringify({ server, database, trials }));
      const { status, errors } = await run(node("test/mutants/trials.ts", task, answer), directory, 15 * minute);
      await dropDatabase(server, database);
      if (status !== 0) return status === undefined ? "it hangs" : `it does not run: ${firstLine(errors)}`;
      const found = verdict.parse(await answered());
      return found === null ? undefined : `${found.saga} \`${found.trial || cleanRun}\`: ${found.broken[0]}`;
    },
    async tests(project, files) {
      const { status } = await run(
        [bin("vitest"), "run", "--project", project, "--bail", "1", ...files],
        directory,
        10 * minute,
      );
      return status === 0 ? undefined : `${status === undefined ? "hangs: " : ""}${files.join(" ")}`;
    },
    async survey(what) {
      await writeFile(task, JSON.stringify({ server, ...what }));
      const { status, errors } = await run(node("test/mutants/survey.ts", task, answer), directory, 60 * minute);
      if (status !== 0) throw new Error(`The survey of the trials failed: ${errors}`);
      // What is broken without any mutant is told there.
      if (errors) console.error(errors.trim());
      return survey.parse(await answered());
    },
    close() {
      process.off("exit", remove);
      remove();
    },
  };
}

const firstLine = (errors: string): string => errors.split("\n").find((line) => /error/i.test(line)) ?? "";

/** Runs a program, and ends it with all that it started when its time is over. */
function run([program = "", ...args]: readonly string[], cwd: string, ms: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, detached: true, stdio: ["ignore", "ignore", "pipe"] });
    const end = (): void => {
      // With all that it has started.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    };
    let errors = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, ms);
    // It is in a group of its own, which nobody else would end with us.
    process.once("exit", end);
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      process.off("exit", end);
      resolve({ status: isLate ? undefined : (status ?? 1), errors });
    });
  });
}
