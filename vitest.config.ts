import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The proofs first: they take longest, and nothing would run beside the last of them. */
class ProofsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isProof = ({ project }: TestSpecification): number => Number(project.name === "proof");
    return (await super.sort(files)).toSorted((a, b) => isProof(b) - isProof(a));
  }
}

const system = "src/**/*.system.test.ts";
const browser = "test/browser/**/*.test.ts";
const mutants = "test/mutants/**/*.test.ts";
const proofs = ["test/proof/**/*.test.ts", "test/chaos/**/*.test.ts"];

/** A lane: its name, its files, and whether a PostgreSQL is started for it. */
const lane = (name: string, include: string[], exclude: string[], needsPostgres = true) => ({
  extends: true as const,
  test: { name, include, exclude, globalSetup: needsPostgres ? ["test/postgres-server.ts"] : [] },
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
    maxWorkers: 2,
    sequence: { sequencer: ProofsFirst },
    // With a worker for each core, the threads of V8's collector take turns with the tests instead of helping them.
    execArgv: ["--single-threaded-gc"],
  },
});
