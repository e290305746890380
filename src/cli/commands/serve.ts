import type { Command } from "commander";
import { endWith } from "#cli/failure.ts";

export function serve(program: Command): void {
  program.command("serve").action(async () => {
    const { runServer } = await import("#main/start.ts");
    endWith(await runServer());
  });
}
