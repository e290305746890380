import { systemClock } from "#clock.ts";
import { lockDirectory } from "#db/embedded/lock.ts";
import { startEmbedded } from "#db/embedded/start.ts";
import { openLog } from "#log.ts";

// A process of its own for the tests of the embedded server: takes the directory, starts, says so, and stays.
// Usage: node embedded-program.ts <directory> <place>
const [directory = "", place = ""] = process.argv.slice(2);
try {
  const lock = lockDirectory(directory);
  const { url, adopted } = await startEmbedded({ lock, log: openLog("warn"), clock: systemClock, place });
  console.log(JSON.stringify({ url, adopted }));
  process.stdin.resume();
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
  process.exitCode = 1;
}
