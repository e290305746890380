import { defineConfig } from "vitest/config";

const system = "src/**/*.system.test.ts";
const browser = "test/browser/**/*.test.ts";
const mutants = "test/mutants/**/*.test.ts";
const proofs = ["test/proof/**/*.test.ts", "test/chaos/**/*.test.ts"];

/** A lane: its name, its files, and whether a PostgreSQL is started for it. */
const lane = (name: string, include: string[], exclude: string[], needsPostgres = true) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude,
    globalSetup: needsPostgres ? ["test/postgres-server.ts"] : [],
    // The proofs take all of two cores, and the other lanes wait for half of their time; so each goes by itself, the proofs first.
    ...(name === "proof"
      ? { maxWorkers: 2, sequence: { groupOrder: 0 } }
      : { maxWorkers: 3, sequence: { groupOrder: 1 } }),
  },
});

export default defineConfig({
  test: {
    projects: [
      // No database, no other process, no browser: the whole lane takes seconds.
      lane("unit", ["src/**/*.test.ts", mutants], [system], false),
      lane("system", [system, "test/**/*.test.ts"], [browser, mutants, ...proofs]),
      lane("browser", [browser], []),
      lane("proof", proofs, []),
    ],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // With a worker for each core, or more, the threads of V8's collector take turns with the tests instead of helping them.
    execArgv: ["--single-threaded-gc"],
  },
});
