import type { Command } from "commander";
import { AlreadyTold } from "#cli/failure.ts";

export function worker(program: Command): void {
  program
    .command("worker")
    .description("run one more worker on the database at DATABASE_URL, until SIGTERM or Ctrl-C")
    .action(async () => {
      const { runWorkerAlone } = await import("#main/start.ts");
      const status = await runWorkerAlone();
      if (status !== 0) throw new AlreadyTold(status === 2 ? 2 : 1);
    });
}
