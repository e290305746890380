import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BaseSequencer, createVitest, type TestSpecification } from "vitest/node";

/**
 * `npm run test:fast`: format, lint, types and dead code beside the unit tests, then the system tests that can reach what
 * changed since the branch left main, as long as two minutes last. `npm test` is everything.
 */
// What runs when the time is over is stopped, which takes up to 10 s on a busy machine.
const share = 105_000;
const started = performance.now();
const run = promisify(execFile);
const git = async (...args: string[]) => (await run("git", args)).stdout.trim();

const checks: Record<string, string[]> = {
  format: ["oxfmt", "--check"],
  lint: ["oxlint", "--type-aware", "--deny-warnings"],
  types: ["tsc", "--noEmit"],
  "dead code": ["knip"],
};

/** The quickest first, as far as an earlier run has told: most of what changed is seen before the time is over. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toReversed();
  }
}

/** @returns what a check that fails has to say */
async function check([name, [program = "", ...args]]: [string, string[]]): Promise<string | undefined> {
  try {
    await run(program, args, { maxBuffer: 1e8 });
    return undefined;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${name}:\n${stdout}${stderr}`;
  }
}

/** Where this branch left main, or the newest commit where there is no main. */
async function base(): Promise<string> {
  for (const main of ["@{upstream}", "origin/main", "main"]) {
    const found = await git("merge-base", "HEAD", main).catch(() => undefined);
    if (found) return found;
  }
  return git("rev-parse", "HEAD");
}

async function lane(project: string, changed: string | false, ms: number) {
  const settings = { project: [project], watch: false, changed, passWithNoTests: true };
  const vitest = await createVitest("test", { ...settings, sequence: { sequencer: QuickestFirst } });
  const timer = setTimeout(() => void vitest.cancelCurrentRun("keyboard-input"), ms);
  let planned = 0;
  try {
    const { testModules } = await vitest.start();
    planned = testModules.length;
    const notRun = testModules.filter((it) => ["pending", "queued", "skipped"].includes(it.state())).length;
    return { failed: testModules.some((it) => it.state() === "failed"), planned, notRun };
  } catch (error) {
    // No test can reach what changed: nothing to run, so nothing failed.
    if (changed !== false && (error as { code?: string }).code === "VITEST_FILES_NOT_FOUND")
      return { failed: false, planned, notRun: 0 };
    throw error;
  } finally {
    clearTimeout(timer);
    await vitest.close();
  }
}

const checking = Promise.all(Object.entries(checks).map(check));
const unit = await lane("unit", false, share);
const broken = (await checking).filter((it) => it !== undefined);
for (const it of broken) console.error(it);

const system = await lane("system", await base(), share - (performance.now() - started));
if (system.notRun > 0)
  console.log(
    `${system.notRun} of ${system.planned} system test files did not run for want of time: npm test runs them.`,
  );
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s. The proofs and the browser are npm test's.`);
process.exit(broken.length > 0 || unit.failed || system.failed ? 1 : 0);
