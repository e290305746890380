import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The proofs first: they take longest, and nothing would run beside the last of them. */
class ProofsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isProof = ({ moduleId }: TestSpecification): number => Number(moduleId.includes("/test/proof/"));
    return (await super.sort(files)).toSorted((a, b) => isProof(b) - isProof(a));
  }
}

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/postgres-server.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: ProofsFirst },
    // With a worker for each core, the threads of V8's collector take turns with the tests instead of helping them.
    execArgv: ["--single-threaded-gc"],
  },
});
