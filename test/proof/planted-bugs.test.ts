import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { plantedBugs } from "./planted-bugs.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const file = new URL("../PROOF.md", import.meta.url);
const [begin, end] = ["<!-- planted bugs -->\n", "<!-- end of planted bugs -->\n"];

/** Ids and the like, which say nothing in a table. */
const readable = (broken: string): string => broken.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{6,}/g, "…").slice(0, 90);

test("every planted bug is found, and the table says how soon", { timeout: 1_800_000 }, async () => {
  const rows: string[] = [];
  const missed: string[] = [];
  for (const { name, rule, alter } of plantedBugs) {
    const extent = { pairs: 400, seed: 1, untilFailure: true };
    const { failures, singles, pairs } = await proveSaga({ ...ground, alter }, "provision_deployment", extent);
    const [found] = failures;
    if (!found) missed.push(name);
    const broken = found?.broken[0] ?? "MISSED";
    rows.push(
      `| ${name} | ${rule} | ${readable(broken)} | \`${found?.trial || "a clean run"}\` | ${singles + pairs} |\n`,
    );
  }
  const table = `| bug | rule | caught by | in | trials until found |\n| --- | --- | --- | --- | --- |\n${rows.join("")}`;
  console.log(table);
  const text = await readFile(file, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  const updated = `${before}${begin}${table}${end}${after}`;
  if (updated !== text) await writeFile(file, updated);
  expect(missed).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(12);
});
