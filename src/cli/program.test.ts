import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { readConfig } from "#config.ts";
import { systemIds } from "#ids.ts";
import type { Cli } from "./cli.ts";
import { buildProgram } from "./program.ts";
import { run } from "./run.ts";

const cli: Cli = {
  config: async () => readConfig({}),
  clock: systemClock,
  ids: systemIds(systemClock),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
};

test("the help lists commands that are not loaded as it does those that are", async () => {
  const listed = await buildProgram(cli, []);
  const names = listed.commands.map((command) => command.name());
  expect(names.length).toBeGreaterThan(15);
  expect((await buildProgram(cli, names)).helpInformation()).toBe(listed.helpInformation());
});

test("the help loads no command, and nothing that commands need", async () => {
  const program = `import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) => (process.stderr.write(name + "\\n"), next(name, context)) });
    process.argv.splice(1, 9, "arcadia", "--help");
    await import(${JSON.stringify(new URL("main.ts", import.meta.url).href)});`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  expect(stdout).toContain("Usage: arcadia");
  expect(stderr).toContain("program.ts");
  expect(stderr).not.toMatch(/zod|commands\/|pg$/m);
});

test.each([
  ["deployments foo", "There is no arcadia deployments foo. There are: list, get, "],
  ["tenants lst", "There is no arcadia tenants lst. Did you mean arcadia tenants list? There are: list, create, "],
  ["releases gte x", "Did you mean arcadia releases get?"],
  ["export terrafrom", "Did you mean arcadia export terraform? There are: terraform"],
  ["depoly --tenant a", "There is no arcadia depoly. Did you mean arcadia deploy? There are: deploy, adopt, "],
  ["xyzzy", "There is no arcadia xyzzy. There are: deploy, adopt, "],
])("arcadia %s is wrong usage, and says what there is", async (line, said) => {
  const told: string[] = [];
  const stderr = new Writable({ write: (chunk, _, done) => (told.push(String(chunk)), done()) });
  expect(await run(line.split(" "), { ...cli, stderr })).toBe(2);
  expect(told.join("")).toContain(said);
});
