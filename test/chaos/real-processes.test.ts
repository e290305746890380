import { expect, test } from "vitest";
import { weather } from "./weather.ts";

/** A safety net: the goal is 15 s, on a machine with nothing else to do. */
const takeoverLimit = 40;

test(
  "killed, frozen, cut off, lied to: real processes under load break no invariant",
  { timeout: 600_000 },
  async () => {
    const report = await weather({ deployments: 80, workers: 3, seed: 11, stormSeconds: 40, say: () => undefined });
    console.log(`Real processes: ${JSON.stringify(report)}`);
    expect(report.broken).toEqual([]);
    expect(report.sagas.stuck ?? 0).toBe(0);
    expect(Object.values(report.sagas).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(80);
    expect(Object.keys(report.lies).length).toBeGreaterThanOrEqual(5);
    expect(report.takeovers.count).toBeGreaterThan(0);
    expect(report.takeovers.worst).toBeLessThan(takeoverLimit);
  },
);
