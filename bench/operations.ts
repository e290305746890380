import { parseArgs } from "node:util";
import { openGround } from "../src/proof/ground.ts";
import { startTestServer } from "../src/proof/server.ts";
import { floors } from "./operations/floors.ts";
import { measure, type Measured } from "./operations/measure.ts";

const help = `npm run bench:operations -- [options]: what each operation on a deployment costs, on virtual time
  --only A,B   of ${Object.keys(floors).join(", ")}
  --routes     what the requests were, too
  --json       the figures, as JSON`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(floors).join(",") },
    routes: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const only = values.only.split(",");
const unknown = only.find((name) => !Object.hasOwn(floors, name));
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? help : `There is no ${unknown}.\n${help}`);
  process.exit(unknown === undefined ? 0 : 2);
}

const server = await startTestServer("fast");
const ground = await openGround(server, "bench_operations");
const measured: Measured[] = [];
try {
  if (!values.json) console.log(lineOf(["", "requests", "changing", "floor", "time", "silent", "cached"]));
  for (const name of only) {
    const it = await measure(ground, name);
    measured.push(it);
    if (!values.json) tell(it);
  }
} finally {
  await ground.close();
  await server.stop();
}
if (values.json) console.log(JSON.stringify(measured, null, 2));

function tell({ name, status, requests, changing, routes, seconds, silent }: Measured): void {
  const told = silent && [silent.asked, silent.cached].map((it) => `${it.toFixed(1)} s`);
  const cells = [
    name,
    `${requests}`,
    `${changing}`,
    `${floors[name]}`,
    `${seconds.toFixed(0)} s`,
    ...(told ?? ["-", "-"]),
  ];
  console.log(lineOf(cells) + (status === "completed" ? "" : `  ${status}`));
  if (!values.routes) return;
  for (const [route, times] of Object.entries(routes)) console.log(`    ${times} ${route}`);
}

function lineOf([name = "", ...cells]: readonly string[]): string {
  return name.padEnd(34) + cells.map((cell) => cell.padStart(10)).join("");
}
