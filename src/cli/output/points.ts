import { type Output, say } from "#cli/cli.ts";
import { printable } from "./printable.ts";

/** Sentences one below the other, each with a dash; in a terminal none is wider than that. */
export function sayPoints(output: Output, points: Iterable<string>): void {
  const room = output.isTTY && output.columns ? Math.max(20, output.columns - indent.length) : Infinity;
  for (const point of points)
    for (const [nth, line] of wrapped(printable(point), room).entries())
      say(output, `${nth === 0 ? "  - " : indent}${line}`);
}

const indent = "    ";

/** A word that is longer than that stays whole. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
