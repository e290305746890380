import { defineConfig } from "vitest/config";
import config from "../../vitest.config.ts";

/** Tests that take longer than any of those that are asked hang. Milliseconds. */
const longest = 40_000;
const asked: readonly unknown[] = ["unit", "system"];
const lanes = config.test?.projects?.flatMap((it) =>
  typeof it === "object" && "test" in it && asked.includes(it.test?.name) ? [it] : [],
);

/** The unit and the system lane, as the tests of mutants run them. */
export default defineConfig({
  test: {
    ...config.test,
    testTimeout: longest,
    hookTimeout: longest,
    projects: (lanes ?? []).map((lane) => ({
      ...lane,
      test: {
        ...lane.test,
        globalSetup: ["test/mutants/given-server.ts"],
        setupFiles: ["test/mutants/note-test.ts"],
      },
    })),
  },
});
