import type { TestProject } from "vitest/node";

/** Vitest's global setup: a server that outlives this run, which may have to be ended in its midst. */
export default function setup(project: TestProject): void {
  project.provide("testServer", JSON.parse(process.env.ARCADIA_TEST_SERVER ?? "null"));
}
