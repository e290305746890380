import type { Command } from "commander";
import { UsageError } from "#cli/failure.ts";

/**
 * Refuses a command, or what follows the name of a group of commands, that there is not: a group that lists by default takes it for an
 * argument of its list otherwise.
 * @throws {UsageError} that names the nearest one, and all there are
 */
export function refuseUnknownCommand(program: Command, args: readonly string[]): void {
  let group = program;
  for (const word of args) {
    if (group.commands.length === 0 || word.startsWith("-") || word === "help") return;
    const next = group.commands.find((command) => [command.name(), ...command.aliases()].includes(word));
    if (!next) throw new UsageError(toldUnknown(group, word));
    group = next;
  }
}

function toldUnknown(group: Command, word: string): string {
  const names = group.commands.map((command) => command.name());
  const [nearest] = names
    .map((name) => ({ name, away: distance(word, name) }))
    .filter(({ name, away }) => away <= Math.ceil(name.length / 3))
    .toSorted((a, b) => a.away - b.away);
  const path = group.parent ? `${group.parent.name()} ${group.name()}` : group.name();
  const meant = nearest ? ` Did you mean ${path} ${nearest.name}?` : "";
  return `There is no ${path} ${word}.${meant} There are: ${names.join(", ")}`;
}

/** How many letters have to be put in, left out, changed or exchanged with the next (optimal string alignment). */
function distance(given: string, wanted: string): number {
  const [a, b] = [given.slice(0, 50), wanted];
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isExchanged = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const ways = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (isSame ? 0 : 1)];
      line.push(Math.min(...ways, isExchanged ? at(row - 2, column - 2) + 1 : Infinity));
    }
  }
  return at(a.length, b.length);
}
