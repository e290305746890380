import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { arcadiaProgram, startServer } from "./arcadia-process.ts";

vi.setConfig({ testTimeout: 180_000 });

/** The commands of the README, from the first deployment on to where it leaves the simulator. */
async function commands(): Promise<string> {
  const text = await readFile(join(dirname(arcadiaProgram), "../README.md"), "utf8");
  const simulated = text.slice(text.indexOf("## A first deployment"), text.indexOf("## The real DigitalOcean"));
  const blocks = [...simulated.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.filter((block) => block.includes("./bin/arcadia")).join("");
}

test("what the README prints works, from top to bottom", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-readme-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await symlink(dirname(arcadiaProgram), join(directory, "bin"));
  await using server = await startServer({
    ARCADIA_POLL_SECONDS: "0.3",
    ARCADIA_SETTLE_SECONDS: "1",
    ARCADIA_SIM_BOOT_MS: "300",
    ARCADIA_DNS_DRAIN: "off",
  });
  const script = await commands();
  expect(script).toContain("deployments unsuspend");
  const env = { PATH: "/usr/bin:/bin", ...server.environment() };
  await promisify(execFile)("/bin/sh", ["-euxc", script], { cwd: directory, env });
  const list = await server.arcadia(["deployments", "list", "--status", "active", "-o", "name"]);
  expect(list.stdout).toBe("web.acme.example.com\n");
});
