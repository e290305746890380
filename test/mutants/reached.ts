import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

export interface Place {
  readonly id: string;
  readonly path: string;
  readonly start: number;
}

/** Counts, block by block, what runs; to be started before the code is imported. TypeScript that is stripped keeps its places. */
export function countBlocks() {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return {
    /** What ran since the last time; in one process the answer comes before `post` returns. */
    take(): readonly Profiler.ScriptCoverage[] {
      let taken: readonly Profiler.ScriptCoverage[] = [];
      session.post("Profiler.takePreciseCoverage", (error, { result }) => {
        if (error) throw error;
        taken = result;
      });
      return taken;
    },
  };
}

/** Which of these places ran. What stands outside of all functions counts as run where anything of its file did. */
export function reachedOf(taken: readonly Profiler.ScriptCoverage[], places: readonly Place[], root: string): string[] {
  const byPath = Map.groupBy(places, ({ path }) => path);
  return [...byPath].flatMap(([path, them]) => {
    const url = pathToFileURL(join(root, path)).href;
    const functions = taken.filter((script) => script.url === url).flatMap((script) => script.functions);
    // The first is the module itself.
    const inner = functions.filter(({ ranges: [whole] }) => whole !== undefined && whole.startOffset > 0);
    const ranges = inner.flatMap((it) => it.ranges);
    const anyRan = ranges.some(({ count }) => count > 0);
    return them.filter(({ start }) => innermost(ranges, start)?.count ?? anyRan).map(({ id }) => id);
  });
}

function innermost(ranges: readonly Profiler.CoverageRange[], at: number): Profiler.CoverageRange | undefined {
  return ranges
    .filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset)
    .toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0];
}
