import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function serve(program: Command): void {
  program
    .command("serve")
    .description("run the API, a worker and the dashboard, as npm start does, until SIGTERM or Ctrl-C")
    .action(async () => {
      const { runServer } = await import("#main/start.ts");
      endWith(await runServer());
    });
}
