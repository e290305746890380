import { writeSync } from "node:fs";
import type { Saga } from "#api/sagas.ts";
import { interrupted } from "#cli/failure.ts";
import { turnsBack } from "./remaining.ts";

const showCursor = "\u001b[?25h";

/**
 * Ctrl-C ends the watching, not the saga: it says so, and how to see the saga again and to cancel it.
 * @param drawn whether the terminal is drawn on, and its cursor hidden
 * @returns what takes this away again
 */
export function leaveOnInterrupt(saga: Saga, drawn: boolean): () => void {
  const leave = () => {
    // While it draws, listr2 holds back what is written to the process's streams.
    writeSync(2, `${drawn ? showCursor : ""}\n${partingWords(saga)}\n`);
    process.exit(interrupted);
  };
  process.once("SIGINT", leave);
  return () => void process.off("SIGINT", leave);
}

function partingWords(saga: Saga): string {
  const { id } = saga;
  return [
    "The saga goes on by itself.",
    `See it again:  arcadia sagas watch ${id}`,
    ...(turnsBack(saga) ? [`Cancel it:     arcadia sagas cancel ${id}`] : []),
  ].join("\n");
}
