import { expect, test, vi } from "vitest";
import { openLog } from "#log.ts";
import { createManualClock } from "#test/manual-clock.ts";
import { untilAsked } from "./shutdown.ts";

test("a process that cannot stop, since nothing answers it any more, ends all the same and says so", async () => {
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const lines: string[] = [];
  const clock = createManualClock();
  const asked = untilAsked(openLog("info", { write: (line) => void lines.push(line) }), clock);
  process.emit("SIGTERM");
  expect(await asked).toBe("SIGTERM");
  clock.advance(24_999);
  expect(exit).not.toHaveBeenCalled();
  clock.advance(1);
  expect(exit).toHaveBeenCalledWith(1);
  expect(lines.join()).toContain("Not everything could be stopped within 25 s");
  process.removeAllListeners("SIGTERM").removeAllListeners("SIGINT");
  exit.mockRestore();
});
