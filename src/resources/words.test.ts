import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const folder = new URL("./", import.meta.url);

/** What the ledger and the verbs are about is a kind's matter: they could be lifted into another product. */
const words = /droplet|\bdns\b|hostname|webhook|(?:deployment|tenant)(?!_id)/i;

test("the ledger and the verbs have no word of what this product is about", async () => {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts")).map(({ name }) => name);
  expect(files.length).toBeGreaterThan(8);
  for (const name of files) {
    const lines = (await readFile(new URL(name, folder), "utf8")).split("\n");
    expect(
      lines.filter((line) => words.test(line)),
      name,
    ).toEqual([]);
  }
});
