import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function demo(program: Command): void {
  program.command("demo").action(async () => {
    const main = await import("#main/demo.ts");
    endWith(await main.demo());
  });
}
