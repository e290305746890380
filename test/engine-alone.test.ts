import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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

const play = async (...args: string[]) => {
  const example = fileURLToPath(new URL("../examples/trip.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [example, ...args], { timeout: 120_000 });
  return stdout;
};

test("it runs a saga of somebody else's domain, forward and back", async () => {
  const there = await play();
  expect(there).toMatch(/book_hotel: completed\n[^]*wait_for_departure: waiting\n[^]*saga: completed\n$/);
  expect(there).not.toContain("insure:");
  expect(await play("--insured")).toMatch(/insure: completed\n[^]*saga: completed\n$/);
  const back = await play("--full", "hotel");
  expect(back).toContain("the train is given back: 101");
  expect(back).toMatch(/book_train: compensated\n {2}saga: rolled_back\n$/);
});
