import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { plantedBugs } from "./proof/planted-bugs.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const [rulesText = "", oldNumbers = ""] = (await readFile(`${root}docs/rules.md`, "utf8")).split(
  "\n## Numbers in applied",
);
const rules = rulesText.split(/\n### (?=\d+\. )/).slice(1);

test("the rules are numbered without a gap, and each says what it closes and what holds it", () => {
  expect(rules.map((rule) => Number.parseInt(rule, 10))).toEqual(rules.map((_, index) => index + 1));
  for (const rule of rules) expect(rule).toMatch(/\n\*Closes:\* [^]+\n\*Held by:\* /);
  expect(oldNumbers).not.toBe("");
});

test("every test and every planted bug that a rule names exists", () => {
  const known = new Set(plantedBugs.map(({ name }) => name));
  for (const rule of rules) {
    const [, held = ""] = rule.split("*Held by:*");
    const tests = [...held.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = ""]) => path);
    for (const path of tests) expect(existsSync(root + path), path).toBe(true);
    const bugs = held.includes("planted bug") ? [...held.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name) : [];
    for (const bug of bugs) expect(known, bug).toContain(bug);
    expect(tests.length + bugs.length, rule.slice(0, 60)).toBeGreaterThan(0);
  }
});

test("every rule that the code cites is there", async () => {
  let cited = 0;
  for await (const file of glob(["src/**/*.{ts,tsx}", "test/**/*.{ts,md}", "decisions/*.md", "*.md"], { cwd: root })) {
    const text = await readFile(root + file, "utf8");
    for (const [whole, list = ""] of text.matchAll(/\brules? (\d+(?:(?:, | and | or )\d+)*)/gi)) {
      cited += 1;
      for (const number of list.matchAll(/\d+/g))
        expect(Number(number), `${file}: ${whole}`).toBeLessThanOrEqual(rules.length);
    }
  }
  expect(cited).toBeGreaterThan(50);
});
