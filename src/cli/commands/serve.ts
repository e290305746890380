import type { Command } from "commander";
import { AlreadyTold } from "#cli/failure.ts";

export function serve(program: Command): void {
  program
    .command("serve")
    .description("run the API, a worker and the dashboard, as npm start does, until SIGTERM or Ctrl-C")
    .action(async () => {
      const { runServer } = await import("#main/start.ts");
      const status = await runServer();
      if (status !== 0) throw new AlreadyTold(status === 2 ? 2 : 1);
    });
}
