import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { wholeFile, whose } from "./whose.ts";

/**
 * The first import of every file with mutants in it: defines `__mutant`, which is true of the one mutant that is in effect. In the
 * checkout's `mutants/` stand its number, `record` or nothing.
 */
const place = fileURLToPath(new URL("../../mutants/", import.meta.url));

export interface Chooser {
  __mutant?: (number: number) => boolean;
  /** What is come by from now on is this test's: by its id, or all tests' of the file. What was until now is written down, or forgotten. */
  __turnTo?: (test: string, before: "keep" | "forget") => void;
}
const chooser: typeof globalThis & Chooser = globalThis;

/** Whoever runs trials chooses by himself, and others before this is loaded. */
if (!chooser.__mutant) {
  const wanted = readFileSync(`${place}active`, "utf8");
  if (wanted === "record") record(chooser);
  else {
    const active = wanted === "" ? -1 : Number(wanted);
    chooser.__mutant = (number) => number === active;
  }
}

/** Writes down which mutants this process comes by, under the test that it runs, or that started it. */
function record(it: Chooser): void {
  let reached = new Set<number>();
  let written = 0;
  it.__mutant = (number) => {
    reached.add(number);
    return false;
  };
  const write = (): void => {
    const file = process.env[whose.file];
    if (file === undefined || reached.size === written) return;
    written = reached.size;
    const directory = `${place}reached/${encodeURIComponent(file)}/${process.env[whose.test] ?? wholeFile}`;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/${process.pid}`, JSON.stringify([...reached]));
  };
  it.__turnTo = (test, before) => {
    if (before === "keep") write();
    [reached, written] = [new Set(), 0];
    process.env[whose.test] = test;
  };
  // Many are killed.
  setInterval(write, 200).unref();
  process.on("exit", write);
}
