import { type Command, InvalidArgumentError, Option } from "commander";
import type { Cli } from "#cli/cli.ts";
import { endWith } from "#cli/failure.ts";
import { wholeNumber } from "#cli/input/option-values.ts";

export function prove(program: Command, cli: Cli): void {
  program
    .command("prove")
    .option("--saga <name>", "only this saga")
    .option("--full", "every pair of disturbances: takes days")
    .addOption(
      new Option("--hours <n>", "go on with more pairs, threes and histories for so long, by one seed after another")
        .argParser(hours)
        .conflicts("full"),
    )
    .option("--pairs <n>", "how many pairs to draw for each saga", wholeNumber, 100)
    .option("--seed <n>", "what the pairs are drawn from", wholeNumber, 1)
    .addOption(
      new Option("--shard <i/n>", "the i-th of n parts of the work")
        .argParser(shard)
        .default({ index: 0, count: 1 }, "1/1"),
    )
    .option("--threads <n>", "how many at a time", wholeNumber, 2)
    .option("--progress <file>", "remember what has been run, and go on from there")
    .option("--trial <text>", 'replay one trial, such as "crash@17 reset-after@call-3"')
    .action(async (options) => {
      const main = await import("#proof/prove.ts");
      endWith(await main.prove({ full: false, ...options }, (line) => void cli.stdout.write(`${line}\n`)));
    });
}

function hours(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > 1000) throw new InvalidArgumentError("It is a number of hours, from above 0 to 1000.");
  return value;
}

function shard(text: string): { index: number; count: number } {
  const [, part = "", parts = ""] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, count] = [Number(part) - 1, Number(parts)];
  if (!part || index < 0 || index >= count) throw new InvalidArgumentError("It is i/n, from 1/n to n/n.");
  return { index, count };
}
