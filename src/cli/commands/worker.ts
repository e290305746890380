import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function worker(program: Command): void {
  program.command("worker").action(async () => {
    const { runWorkerAlone } = await import("#main/start.ts");
    endWith(await runWorkerAlone());
  });
}
