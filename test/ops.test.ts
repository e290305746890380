import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "#config.ts";
import { arcadiaProgram, runArcadia } from "./arcadia-process.ts";

const repository = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string) => readFile(`${repository}${path}`, "utf8");

/** What follows `directive` on each of its lines. */
const values = (text: string, directive: string): string[] =>
  [...text.matchAll(new RegExp(`^\\s*${directive}[ =](.*)$`, "gm"))].map(([, value = ""]) => value.trim());

const settingsOf = (example: string): Record<string, string> =>
  Object.fromEntries(
    [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );

test("the image runs as an ordinary user, on the Node.js that the product needs, with commands that exist", async () => {
  const dockerfile = await read("Dockerfile");
  const { engines, devDependencies } = JSON.parse(await read("package.json"));
  expect(engines.node).toBeTruthy();
  expect(values(dockerfile, "FROM")).toEqual([`node:${devDependencies.node.split(".")[0]}-slim`]);
  expect(values(dockerfile, "USER")).toEqual(["node"]);
  const [entry = ""] = values(dockerfile, "ENTRYPOINT");
  expect(JSON.parse(entry)[0].replace("/opt/arcadia/", repository)).toBe(arcadiaProgram);
  const copied = values(dockerfile, "COPY").flatMap((line) => line.split(" ").slice(0, -1));
  const kept = [...(await read(".dockerignore")).matchAll(/^!(.*)$/gm)].map(([, path]) => path);
  expect(new Set(copied)).toEqual(new Set(kept));
});

test("compose.yaml wires what it names, and gives no service a secret of its own making", async () => {
  const { services, volumes } = parse(await read("compose.yaml"), { merge: true });
  const { stdout: help } = await runArcadia(["--help"]);
  expect(Object.keys(services)).toEqual(["postgres", "migrate", "server", "worker"]);
  for (const service of ["migrate", "server", "worker"]) {
    const { command, environment, depends_on: needs, volumes: mounted } = services[service];
    expect(help).toMatch(new RegExp(`^  ${command[0]} `, "m"));
    expect(environment.DATABASE_URL).toContain("@postgres:5432/");
    for (const name of Object.keys(needs)) expect(services).toHaveProperty(name);
    for (const volume of mounted) expect(volumes).toHaveProperty(volume.split(":")[0]);
  }
  expect(services.server.ports).toEqual(["127.0.0.1:4000:4000"]);
  expect(services.worker.profiles).toEqual(["workers"]);
});

test("every setting of the example file is one that is read", async () => {
  const example = settingsOf(await read("ops/arcadia.env.example"));
  const composeOnly = ["POSTGRES_PASSWORD"];
  const source = await read("src/config.ts");
  for (const name of Object.keys(example)) if (!composeOnly.includes(name)) expect(source).toContain(`${name}: `);
  expect(readConfig(Object.fromEntries(Object.keys(example).map((name) => [name, ""]))).provider.token).toBeUndefined();
});

test("systemd takes the unit, and finds it well confined", async (context) => {
  const run = promisify(execFile);
  const unit = `${repository}ops/arcadia.service`;
  const text = await read("ops/arcadia.service");
  expect(values(text, "ExecStart")[0]?.split(" ")[1]).toBe("serve");
  expect(values(text, "KillMode")).toEqual(["mixed"]);
  const found = await run("systemd-analyze", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!found) return context.skip("systemd-analyze is not on this machine");
  const { stderr } = await run("systemd-analyze", ["verify", unit]).catch((error: { stderr: string }) => error);
  const complaints = stderr.split("\n").filter((line) => line !== "" && !line.includes("/opt/arcadia/bin/arcadia"));
  expect(complaints).toEqual([]);
  const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
  expect(Number(/exposure level for arcadia.service: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2);
});
