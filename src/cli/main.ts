import { systemClock } from "#clock.ts";
import { systemIds } from "#ids.ts";
import { run } from "./run.ts";

// A reader such as `head` may close the pipe before everything is written: that is its right, not a fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2), {
  config: async () => (await import("#config.ts")).readConfig(),
  clock: systemClock,
  ids: systemIds(systemClock),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});
