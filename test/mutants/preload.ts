import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The first import of every file with mutants in it: defines `__mutant`, which is true of the one mutant that is in effect. In the
 * checkout's `mutants/` stand its number, `record` or nothing.
 */
export const place = fileURLToPath(new URL("../../mutants/", import.meta.url));

export interface Chooser {
  __mutant?: (number: number) => boolean;
  /** What was come by so far counts no more: it was come by while modules were loaded. */
  __forget?: () => void;
  /** What was come by until now is written down. */
  __write?: () => void;
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

/** Writes down which mutants this process comes by, under the test file that started it. */
function record(it: Chooser): void {
  let reached = new Set<number>();
  let written = 0;
  it.__mutant = (number) => {
    reached.add(number);
    return false;
  };
  it.__forget = () => {
    reached = new Set();
  };
  const write = (): void => {
    const test = process.env.ARCADIA_TEST_FILE;
    if (test === undefined || reached.size === written) return;
    written = reached.size;
    const directory = `${place}reached/${encodeURIComponent(test)}/`;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}${process.pid}`, JSON.stringify([...reached]));
  };
  // Many are killed.
  setInterval(write, 200).unref();
  process.on("exit", write);
  it.__write = write;
}
