import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const folder = new URL("../src/engine/", import.meta.url);
const product = /\b\w*(?:deployment|tenant|droplet|dns|webhook)\w*\b/gi;

test("the engine has no word of the product: what a saga is about is handed in", async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(15);
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, folder), "utf8");
      return (text.match(product) ?? []).map((word) => `${file}: ${word}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});
