import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function demo(program: Command): void {
  program
    .command("demo")
    .description("three tenants in a simulated account, one of which fails and is rolled back; about 20 s")
    .action(async () => {
      const main = await import("#main/demo.ts");
      endWith(await main.demo());
    });
}
