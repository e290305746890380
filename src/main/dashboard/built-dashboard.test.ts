import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLog } from "#log.ts";
import { openDashboard } from "./built-dashboard.ts";
import { nameOfSources, repository, sourceFiles } from "./sources.ts";

test("what is served was built from the sources as they are, and holds no address of another host", async () => {
  const dashboard = openDashboard(openLog("error"));
  const directory = await dashboard.directory();
  expect(directory.endsWith(await nameOfSources())).toBe(true);
  const page = await readFile(join(directory, "index.html"), "utf8");
  const [, script = ""] = /<script type="module"[^>]* src="\.\/assets\/([^"]+)"/.exec(page) ?? [];
  expect(await readdir(join(directory, "assets"))).toContain(script);
  expect(page).not.toMatch(/https?:|<script>|<style|\son[a-z]+=/);
  // Asked again, it is what it was; nothing is built twice.
  expect(await dashboard.directory()).toBe(directory);
});

test("whatever of ours it imports is among its sources: a change of that builds it anew", async () => {
  const files = new Set(await sourceFiles());
  const missing = new Set<string>();
  for (const file of files) {
    if (!/^src\/(?:dashboard|api)\//.test(file)) continue;
    const text = await readFile(join(repository, file), "utf8");
    for (const [, path] of text.matchAll(/from "#([^"]+)"/g)) if (!files.has(`src/${path}`)) missing.add(`src/${path}`);
  }
  expect([...missing]).toEqual([]);
  expect(files).toContain("src/quota.ts");
});
