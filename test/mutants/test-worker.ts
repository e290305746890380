import { relative } from "node:path";
import { createVitest, type TestModule } from "vitest/node";
import { testsTask } from "./messages.ts";

/**
 * Runs test files whenever it is told to, as long as it is told to: what does not change between two runs is transformed once. Answers
 * how each ended and how long it took.
 */
const root = process.cwd();
const vitest = await createVitest("test", {
  root,
  config: "test/mutants/vitest.config.ts",
  watch: false,
  reporters: [{}],
  maxWorkers: Number(process.env.ARCADIA_TEST_WORKERS ?? 1),
});
const every = await vitest.globTestSpecifications();

const resultOf = (it: TestModule) => ({
  file: relative(root, it.moduleId),
  ms: it.diagnostic().duration,
  state: it.state(),
  error: firstErrorOf(it),
  tests: [...it.children.allTests()].map((test) => ({
    id: test.id,
    ms: test.diagnostic()?.duration ?? 0,
    state: test.result().state,
  })),
});

function firstErrorOf(it: TestModule): string | undefined {
  const failed = [...it.children.allTests("failed")][0];
  const [error] = failed?.result().errors ?? it.errors();
  return failed || error ? `${failed?.fullName ?? ""}: ${error?.message.split("\n")[0] ?? ""}` : undefined;
}

process.on("message", (message) => {
  const { tests, bail } = testsTask.parse(message);
  vitest.config.bail = bail ? 1 : 0;
  for (const project of vitest.projects) project.config.bail = bail ? 1 : 0;
  const specifications = tests.flatMap(({ file, ids }) =>
    every
      .filter((it) => relative(root, it.moduleId) === file)
      .map((it) => (ids ? it.project.createSpecification(it.moduleId, { testIds: ids }) : it)),
  );
  void vitest.runTestSpecifications(specifications, false).then(() => {
    // What it gives are the results of all runs, and the errors.
    const asked = new Set(tests.map(({ file }) => file));
    const results = vitest.state.getTestModules().map(resultOf);
    const unhandled = vitest.state.getUnhandledErrors().length;
    vitest.state.clearErrors();
    process.send?.({ results: results.filter(({ file }) => asked.has(file)), unhandled });
  });
});
process.once("disconnect", () => process.exit());
process.send?.({ ready: true });
