import { parseArgs } from "node:util";
import { systemClock } from "#clock.ts";
import { type HistoriesTask, type HistoryReport, historyReport } from "./histories/messages.ts";
import { inParallel } from "./parallel.ts";

const usage = "Usage: npm run simulate-histories -- --seeds 1..1000 [--minutes 5] [--threads 2]";

/** Runs the histories of a range of seeds, says of each that breaks how to replay it, and how many there were a minute. */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1..200" },
    minutes: { type: "string" },
    threads: { type: "string", default: "2" },
  },
});
const range = /^(\d+)(?:\.\.(\d+))?$/.exec(values.seeds);
if (!range) throw new Error(usage);
const first = Number(range[1]);
const task: HistoriesTask = {
  first,
  last: Number(range[2] ?? first),
  forMs: values.minutes === undefined ? null : Number(values.minutes) * 60_000,
};

const reports: HistoryReport[] = [];
const start = systemClock.now().getTime();
await inParallel(new URL("histories/thread.ts", import.meta.url), Number(values.threads), task, (message) => {
  const report = historyReport.parse(message);
  reports.push(report);
  if (report.broken.length > 0) tellOf(report);
});
const minutes = (systemClock.now().getTime() - start) / 60_000;
const sagas = reports.reduce((sum, report) => sum + report.sagas, 0);
const failed = reports.filter((report) => report.broken.length > 0).length;
console.log(
  `${reports.length} histories, ${sagas} sagas (${(sagas / reports.length).toFixed(1)} each), ${failed} broken; ` +
    `${(reports.length / minutes).toFixed(0)} histories a minute`,
);
process.exitCode = failed > 0 ? 1 : 0;

function tellOf({ seed, broken, reduced }: HistoryReport): void {
  console.log(`Seed ${seed} breaks:\n  ${broken.join("\n  ")}`);
  console.log(`  replay: npm run simulate-histories -- --seeds ${seed}`);
  if (reduced) console.log(`  reduced to: ${reduced}`);
}
