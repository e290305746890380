import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { historyOf } from "#proof/histories/history.ts";
import { runHistory } from "#proof/histories/run-history.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { cleanRun } from "#proof/matrix/trial.ts";
import { testGround } from "./ground.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const file = new URL("../PROOF.md", import.meta.url);
const [begin, end] = ["<!-- planted bugs -->\n", "<!-- end of planted bugs -->\n"];
const rows: string[] = [];

/** Ids and the like, which say nothing in a table. */
const readable = (broken: string): string => broken.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{6,}/g, "…").slice(0, 90);

test("there are at least twelve", () => expect(plantedBugs.length).toBeGreaterThanOrEqual(12));

/** As many histories as find any bug that histories are there for. */
const mostHistories = 60;

async function firstBrokenHistory({ alter }: PlantedBug) {
  for (let seed = 1; seed <= mostHistories; seed += 1) {
    const { broken } = await runHistory({ ...ground, alter }, historyOf(seed));
    if (broken.length > 0) return { broken, seed };
  }
  return undefined;
}

test.each(plantedBugs.filter((bug) => bug.inHistories))("$name is found", { timeout: 1_200_000 }, async (bug) => {
  const found = await firstBrokenHistory(bug);
  expect(found, `${mostHistories} histories did not find it`).toBeDefined();
  const { broken = [], seed = 0 } = found ?? {};
  rows.push(`| ${bug.name} | ${bug.rule} | ${readable(broken[0] ?? "")} | seed ${seed} | histories | ${seed} |\n`);
  console.log(rows.at(-1));
});

test.each(plantedBugs.filter((bug) => !bug.inHistories))("$name is found", { timeout: 1_200_000 }, async (bug) => {
  const { name, rule, alter, among, steps, inPairs = false, scenario = "provision_deployment" } = bug;
  const few = { ...(among && { among }), ...(steps && { steps }) };
  const extent = { pairs: 600, seed: 1, untilFailure: true, pairsFirst: inPairs, ...few };
  const { failures, singles, pairs } = await proveSaga({ ...ground, alter }, scenario, extent);
  const [found] = failures;
  expect(found, `${singles + pairs} trials did not find it`).toBeDefined();
  const broken = readable(found?.broken[0] ?? "");
  const of = [among?.source.replaceAll("|", " or "), steps?.join(", ")].filter((it) => it !== undefined).join(" in ");
  rows.push(
    `| ${name} | ${rule} | ${broken} | \`${found?.trial || cleanRun}\` | ${of || "all"} | ${singles + pairs} |\n`,
  );
  console.log(rows.at(-1));
});

test("test/PROOF.md tells of each, with the rule that it breaks", async () => {
  const text = await readFile(file, "utf8");
  for (const { name, rule } of plantedBugs) expect(text).toContain(`\n| ${name} | ${rule} | `);
});

/** `npm run prove:planted` writes the table anew; a test run by itself writes no tracked file. */
afterAll(async () => {
  if (process.env.ARCADIA_WRITE_PROOF !== "1" || rows.length < plantedBugs.length) return;
  const table = `| bug | rule | caught by | in | of the trials | until found |\n| --- | --- | --- | --- | --- | --- |\n${rows.join("")}`;
  const text = await readFile(file, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  await writeFile(file, `${before}${begin}${table}${end}${after}`);
});
