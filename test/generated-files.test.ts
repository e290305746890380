import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTestDatabase } from "./database.ts";
import { generateFiles } from "./generated-files.ts";

test("what is generated is up to date: `npm run generate` makes it so", async () => {
  await using database = await createTestDatabase();
  const files = await generateFiles(database.url);
  expect(files.size).toBe(5);
  for (const [path, text] of files)
    expect(await readFile(path, "utf8"), `${path}: run \`npm run generate\``).toBe(text);
});

test("a changed table shows in both", async () => {
  await using database = await createTestDatabase();
  const before = [...(await generateFiles(database.url)).values()];
  await database.pool.query(`alter table tenants add column planted text not null default 'a'
    check (planted in ('a', 'b'))`);
  const [sql, types] = [...(await generateFiles(database.url)).values()];
  expect(before).not.toContain(sql);
  expect(sql).toContain("planted text not null default 'a'::text");
  expect(types).toContain('planted: Generated<"a" | "b">;');
});
