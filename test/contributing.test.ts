import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { runArcadia } from "./arcadia-process.ts";
import { places } from "./recipe-lines.ts";

const read = (path: string) => readFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");
const exists = (path: string) => existsSync(new URL(`../${path}`, import.meta.url));
const found = (pattern: RegExp) => [...new Set([...document.matchAll(pattern)].map(([, it = ""]) => it))];

const document = await read("CONTRIBUTING.md");
test.each([...document.matchAll(places)].map(([, path = "", line = "", word = ""]) => ({ path, line, word })))(
  "$path:$line holds $word; `npm run generate` renumbers",
  async ({ path, line, word }) => {
    expect((await read(path)).split("\n")[Number(line) - 1]).toContain(word);
  },
);

test("every place in a recipe names what stands there", () => {
  const withWord = document.match(places) ?? [];
  expect(withWord.length).toBeGreaterThan(20);
  expect(document.match(/[\w-]\.(?:tsx?|md|css|json):\d/g)).toHaveLength(withWord.length);
});

test("every npm script that it names exists", async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await read("package.json")));
  const named = found(/npm run (?:-\w+ )?([\w:-]+)/g);
  expect(named).toContain("test:fast");
  expect(named.filter((it) => !Object.hasOwn(scripts, it))).toEqual([]);
});

test("every file and folder that it names exists", () => {
  const named = [
    ...found(/\b((?:src|test|docs|decisions|migrations|examples)\/[\w./-]*\w)/g),
    ...found(/\]\(([^):]+)\)/g),
  ];
  expect(named.length).toBeGreaterThan(20);
  // `x.test.ts` stands for any.
  expect(named.filter((it) => !it.endsWith("/x.test.ts") && !exists(it))).toEqual([]);
});

test("every command and option of arcadia that it names exists", async () => {
  const lines = found(/\.\/bin\/arcadia ([^`\n]+)/g);
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const [words = ""] = /^[a-z]+(?: (?:get|create|events|list|retry)\b)?/.exec(line) ?? [];
    const { status, stdout } = await runArcadia([...words.split(" "), "--help"]);
    expect(status, line).toBe(0);
    expect(stdout, line).toContain(`Usage: arcadia ${words} `);
    for (const [option] of line.replaceAll(/"[^"]*"|'[^']*'/g, "").matchAll(/--[a-z][a-z-]*/g))
      expect(stdout, line).toContain(option);
  }
});

test("the README's table has every setting there is, and no other", async () => {
  const config = await read("src/config.ts");
  const [, table = ""] = /\nconst environment = z\.object\(\{\n([^]*?)\n\}\);/.exec(config) ?? [];
  const settings = [...table.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name);
  expect(settings).toContain("DATABASE_URL");
  const readme = await read("README.md");
  const [, section = ""] = /\n## Configuration\n([^]*?)\n## /.exec(readme) ?? [];
  const documented = [...section.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  expect(new Set(documented)).toEqual(new Set(settings));
});
