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
});

function firstErrorOf(it: TestModule): string | undefined {
  const failed = [...it.children.allTests("failed")][0];
  const [error] = failed?.result().errors ?? it.errors();
  return failed || error ? `${failed?.fullName ?? ""}: ${error?.message.split("\n")[0] ?? ""}` : undefined;
}

process.on("message", (message) => {
  const { files, bail } = testsTask.parse(message);
  vitest.config.bail = bail ? 1 : 0;
  for (const project of vitest.projects) project.config.bail = bail ? 1 : 0;
  const specifications = every.filter((it) => files.includes(relative(root, it.moduleId)));
  void vitest
    .runTestSpecifications(specifications, false)
    .then(({ testModules, unhandledErrors }) =>
      process.send?.({ results: testModules.map(resultOf), unhandled: unhandledErrors.length }),
    );
});
process.once("disconnect", () => process.exit());
process.send?.({ ready: true });
