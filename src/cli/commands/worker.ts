import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function worker(program: Command): void {
  program
    .command("worker")
    .description("run one more worker on the database at DATABASE_URL, until SIGTERM or Ctrl-C")
    .action(async () => {
      const { runWorkerAlone } = await import("#main/start.ts");
      endWith(await runWorkerAlone());
    });
}
