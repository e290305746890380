import { parseArgs } from "node:util";
import { weather } from "./weather.ts";

/** So many deployments are asked for a minute, which the provider's limits let through in that time, and never more at all. */
const perMinute = 30;
const mostDeployments = 3000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: `${Date.now() % 100_000}` },
    workers: { type: "string", default: "3" },
    deployments: { type: "string" },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const deployments = Math.min(mostDeployments, Number(values.deployments ?? Math.ceil(minutes * perMinute)));
console.error(`A storm of ${minutes} minutes with seed ${seed}: ${deployments} deployments, and what is done to them`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const report = await weather({
  deployments,
  workers: Number(values.workers),
  seed,
  stormSeconds: minutes * 60,
  // As customers have it: an address is given back once nobody may be led to it any more.
  settings: { ARCADIA_DNS_DRAIN: "on" },
  say: (what) => console.error(new Date().toISOString(), what),
});
console.log(JSON.stringify(report, null, 2));
for (const it of report.broken) console.error(it);
if (report.broken.length > 0) {
  const command = `npm run storm -- --minutes ${minutes} --seed ${seed} --workers ${values.workers} --deployments ${deployments}`;
  console.error(`Asks and lies the same again, when they hit is chance: ${command}`);
  process.exitCode = 1;
}
