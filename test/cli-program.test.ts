import manifest from "../package.json" with { type: "json" };
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { arcadiaProgram, runArcadia } from "./arcadia-process.ts";

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia program "));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test("it starts through relative and absolute links, from any directory, without a Node.js in the PATH", async () => {
  const directory = await temporaryDirectory();
  const first = join(directory, "first link");
  const second = join(directory, "arcadia");
  await symlink(relative(directory, arcadiaProgram), first);
  await symlink(first, second);
  expect(await runArcadia(["--version"], {}, second)).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
});

test("it says so when the packages are not installed", async () => {
  const directory = await temporaryDirectory();
  const program = join(directory, "bin", "arcadia");
  await mkdir(join(directory, "bin"));
  await copyFile(arcadiaProgram, program);
  const ran = await runArcadia(["--version"], {}, program);
  expect(ran).toMatchObject({
    status: 1,
    stderr: `arcadia: the packages are not installed; run npm ci in ${directory}\n`,
  });
});

test("the help names every command and what the CLI reads", async () => {
  const { status, stdout } = await runArcadia(["--help"]);
  expect(status).toBe(0);
  for (const command of ["deploy", "deployments", "tenants", "droplets", "sagas", "inventory", "orphans", "tokens"])
    expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  for (const command of [
    "audit",
    "smoke",
    "demo",
    "serve",
    "worker",
    "migrate",
    "simulate",
    "backup",
    "restore",
    "webhooks",
    "releases",
    "adopt",
    "export",
  ])
    expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  expect(stdout).toContain("ARCADIA_API_TOKEN");
});

test("without a server and a token it says where the token comes from", async () => {
  const ran = await runArcadia(["tenants"], { ARCADIA_DATA_DIR: join(tmpdir(), "no-such-directory") });
  expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining("The server writes it at its first start") });
});

test.each([
  ["--token", ""],
  ["--token", "two words"],
  ["--domain", "not a zone"],
  ["--domain", ""],
])("simulate %s %j is a usage error", async (option, value) => {
  const ran = await runArcadia(["simulate", "--port", "0", option, value]);
  expect(ran).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining(option) });
});

test("a configuration that is wrong is a usage error that names the variable, not its value", async () => {
  const ran = await runArcadia(["tenants"], { PORT: "eighty" });
  expect(ran).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("PORT: ") });
});
