import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Chooser } from "./recorder.ts";
import { wholeFile, whose } from "./whose.ts";

/** Vitest's setup: the processes that a test starts are told whose they are. */
process.env[whose.file] = expect.getState().testPath;
process.env[whose.test] = wholeFile;
const chooser: typeof globalThis & Chooser = globalThis;
// What was come by so far, was while modules were loaded.
beforeAll(() => chooser.__turnTo?.(wholeFile, "forget"));
beforeEach(({ task }) => chooser.__turnTo?.(task.concurrent ? wholeFile : task.id, "keep"));
afterAll(() => chooser.__turnTo?.(wholeFile, "keep"));
