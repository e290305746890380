import { createInterface } from "node:readline";
import type { Command } from "commander";
import { type Cli, say } from "#cli/cli.ts";
import { AlreadyTold, Failure, interrupted, UsageError } from "#cli/failure.ts";
import { sayPoints } from "#cli/output/points.ts";
import { printable } from "#cli/output/printable.ts";

export interface ConfirmOptions {
  readonly yes?: boolean;
}

/** What is about to be done that cannot be undone. */
export interface Doom {
  /** In a sentence that ends with a colon, or stands alone when there are no lines. */
  readonly title: string;
  /** What goes, a line each. */
  readonly lines: readonly string[];
  /** What is typed to go on, and what that is: "hostname". */
  readonly word: string;
  readonly what: string;
}

/** The option of every command that cannot be undone. */
export const withConfirm = (command: Command): Command =>
  command.option("--yes", "do it without asking; needed where there is no terminal to ask on");

/**
 * Before what cannot be undone: without a terminal to ask on, it wants `--yes`, and asks nothing of the server first.
 * @param doing what is done, to be said where nobody can be asked: "Destroying app.example.com"
 * @returns what shows, on stderr, what goes, and wants its name typed; with `--yes` it does neither. It throws a Failure
 *   when something else, or nothing, was typed
 * @throws {UsageError} where nobody can be asked
 */
export function confirmation(
  cli: Cli,
  { yes }: ConfirmOptions,
  doing: string,
): (read: () => Promise<Doom>) => Promise<void> {
  if (yes) return async () => undefined;
  if (cli.stdin.isTTY && cli.stderr.isTTY) return async (read) => wantTyped(cli, await read());
  throw new UsageError(
    `${printable(doing)} cannot be undone, and there is no terminal to ask on: add --yes to do it. Nothing was sent`,
  );
}

async function wantTyped(cli: Cli, { title, lines, word, what }: Doom): Promise<void> {
  say(cli.stderr, printable(title));
  sayPoints(cli.stderr, lines);
  const typed = await ask(cli, `Type the ${what}, ${printable(word)}, to go on: `);
  if (typed?.trim() !== word) throw new Failure(`The ${what} was not typed: nothing was sent`);
}

/** @returns undefined when the input ended. @throws {AlreadyTold} after Ctrl-C */
async function ask(cli: Cli, question: string): Promise<string | undefined> {
  const reader = createInterface({ input: cli.stdin, output: cli.stderr, terminal: true, historySize: 0 });
  const answer = Promise.withResolvers<string | undefined>();
  reader.once("close", () => answer.resolve(undefined));
  reader.once("SIGINT", () => answer.reject(new AlreadyTold(interrupted)));
  reader.question(question, answer.resolve);
  try {
    const typed = await answer.promise;
    if (typed === undefined) say(cli.stderr, "");
    return typed;
  } catch (error) {
    say(cli.stderr, "\narcadia: interrupted: nothing was sent");
    throw error;
  } finally {
    reader.close();
  }
}
