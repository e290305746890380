import { parseArgs } from "node:util";
import { weather } from "./weather.ts";

const { values } = parseArgs({
  options: {
    sagas: { type: "string", default: "200" },
    workers: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "90" },
  },
});
const report = await weather({
  sagas: Number(values.sagas),
  workers: Number(values.workers),
  seed: Number(values.seed),
  stormSeconds: Number(values.seconds),
  say: (what) => console.error(new Date().toISOString(), what),
});
console.log(JSON.stringify(report, null, 2));
process.exitCode = report.broken.length === 0 ? 0 : 1;
