import { parseArgs } from "node:util";
import { startTestServer } from "../src/proof/server.ts";
import { type Row, rowsOf, type ScenarioName, scenarioNames } from "./fleet/scenarios.ts";

const help = `npm run bench:fleet -- [options]: sagas against the provider's limits, on virtual time
  --only A,B      of ${scenarioNames.join(", ")}
  --counts A,B    how many at once, of provision and destroy (100,1000); 10000 takes an hour of CPU
  --standing N    how many deployments stand there already, for beside (10000); 100000 takes much memory
  --json          the figures, as JSON`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: scenarioNames.join(",") },
    counts: { type: "string", default: "100,1000" },
    standing: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const only = values.only.split(",");
const unknown = only.find((name) => !scenarioNames.some((known) => known === name));
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? help : `There is no ${unknown}.\n${help}`);
  process.exit(unknown === undefined ? 0 : 2);
}

const server = await startTestServer("fast");
const rows: Row[] = [];
try {
  const sizes = { counts: values.counts.split(",").map(Number), standing: Number(values.standing) };
  for (const name of scenarioNames.filter((it) => only.includes(it)))
    for await (const row of rowsOf(name satisfies ScenarioName, server, sizes)) {
      rows.push(row);
      if (!values.json) tell(row);
    }
} finally {
  await server.stop();
}
if (values.json) console.log(JSON.stringify(rows, null, 2));

function tell({ what, measured, floor, facts }: Row): void {
  const parts = [what];
  if (measured) {
    const { each, total, seconds, refused, mostBegun, events, warnings, cpu } = measured;
    parts.push(
      `${each.toFixed(2)} requests each (${total}; floor ${floor?.each ?? "-"})`,
      `${seconds.toFixed(1)} s` +
        (floor ? ` (floor ${floor.seconds.toFixed(1)}, ratio ${(seconds / floor.seconds).toFixed(2)})` : ""),
      `${refused} refused, at most ${mostBegun} begun at once, ${events} events, ${warnings} warnings, ${cpu.toFixed(0)} s CPU`,
      Object.entries(measured.statuses)
        .map(([status, count]) => `${count} ${status}`)
        .join(", "),
      Object.entries(measured.requests)
        .map(([kind, times]) => `${kind} ${times}`)
        .join(", "),
    );
  }
  for (const [name, value] of Object.entries(facts ?? {})) parts.push(`${name}: ${value}`);
  console.log(parts.join("\n    "));
}
