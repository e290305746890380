import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/postgres-server.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // With a worker for each core, the threads of V8's collector take turns with the tests instead of helping them.
    execArgv: ["--single-threaded-gc"],
  },
});
