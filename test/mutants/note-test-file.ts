import { afterAll, beforeAll, expect } from "vitest";
import type { Chooser } from "./preload.ts";

/** Vitest's setup: the processes that a test file starts are told whose they are. */
process.env.ARCADIA_TEST_FILE = expect.getState().testPath;
const chooser: typeof globalThis & Chooser = globalThis;
beforeAll(() => chooser.__forget?.());
afterAll(() => chooser.__write?.());
