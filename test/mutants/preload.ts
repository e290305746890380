import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Chooser, choosing, recording } from "./recorder.ts";
import { wholeFile, whose } from "./whose.ts";

/**
 * The first import of every file with mutants in it: defines what they ask for. In the checkout's `mutants/` stands the number of the
 * one that is in effect, `record` or nothing.
 */
const place = fileURLToPath(new URL("../../mutants/", import.meta.url));
const chooser: typeof globalThis & Chooser = globalThis;

/** Whoever runs trials chooses by himself, and others before this is loaded. */
if (!chooser.__mutant) {
  const wanted = readFileSync(`${place}active`, "utf8");
  const active = wanted === "" ? undefined : Number(wanted);
  Object.assign(chooser, wanted === "record" ? written() : choosing(() => active));
}

/** Writes down which mutants this process comes by, under the test that it runs, or that started it. */
function written(): Chooser {
  let reached = new Set<number>();
  let known = 0;
  const write = (): void => {
    const file = process.env[whose.file];
    if (file === undefined || reached.size === known) return;
    known = reached.size;
    const directory = `${place}reached/${encodeURIComponent(file)}/${process.env[whose.test] ?? wholeFile}`;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/${process.pid}`, JSON.stringify([...reached]));
  };
  // Many are killed.
  setInterval(write, 200).unref();
  process.on("exit", write);
  return {
    ...recording((number) => reached.add(number)),
    __turnTo(test, before) {
      if (before === "keep") write();
      [reached, known] = [new Set(), 0];
      process.env[whose.test] = test;
    },
  };
}
