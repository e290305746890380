import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { simulateOptions, SimulateUsageError } from "./simulate.ts";

const script = fileURLToPath(new URL("./simulate.ts", import.meta.url));

async function start(...args: string[]) {
  const child = spawn(process.execPath, [script, "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? "";
  const exit = once(child, "exit");
  return { url, exit, stop: (signal: NodeJS.Signals) => child.kill(signal) };
}

test("kill -9 loses nothing that was answered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = ["--state-file", join(folder, "account.json"), "--rate-limits", "off"];
  const answered: number[] = [];
  const first = await start(...args);
  const body = JSON.stringify({ name: "web", size: "s-1vcpu-1gb", image: "debian-12-x64" });
  const create = async (): Promise<void> => {
    for (;;) {
      const answer = await fetch(`${first.url}/v2/droplets`, {
        method: "POST",
        headers: { authorization: "Bearer t" },
        body,
      });
      answered.push((await answer.json()).droplet.id);
    }
  };
  const creating = Promise.allSettled([create(), create(), create()]);
  await expect.poll(() => answered.length).toBeGreaterThan(20);
  first.stop("SIGKILL");
  await Promise.all([first.exit, creating]);

  const second = await start(...args);
  const { droplets } = await (await fetch(`${second.url}/_sim/state`)).json();
  const ids = new Set(droplets.map((each: { id: number }) => each.id));
  expect(answered.filter((id) => !ids.has(id))).toEqual([]);
});

test("SIGTERM stops it with status 0", async () => {
  const running = await start("--calm", "--domain", "zone.test");
  expect(await (await fetch(`${running.url}/_sim/state`)).json()).toMatchObject({ domains: [{ name: "zone.test" }] });
  running.stop("SIGTERM");
  expect(await running.exit).toEqual([0, null]);
});

test("the arguments are those of the documented command", () => {
  const line =
    "--port 1 --boot-ms 2 --lag-ms 3 --seed 4 --calm --rate-limits off --token T --domain d.test --state-file f";
  expect(simulateOptions(line.split(" "))).toEqual({
    port: 1,
    bootMs: 2,
    lagMs: 3,
    seed: 4,
    calm: true,
    rateLimits: "off",
    token: "T",
    domain: "d.test",
    stateFile: "f",
  });
  expect(simulateOptions([])).toMatchObject({ port: 4010, bootMs: 3000, lagMs: 1500, seed: undefined, calm: false });
});

test.each(["--port x", "--port 70000", "--rate-limits some", "--colour red", "--seed", "extra"])(
  "%s is a usage error",
  (line) => {
    expect(() => simulateOptions(line.split(" "))).toThrow(SimulateUsageError);
  },
);

test("a token's owner is a user, and a team or none", () => {
  const { owners } = simulateOptions(["--owner", "a=ann/blue", "--owner", "b=bob"]);
  expect(owners).toEqual({ a: { user: "ann", team: "blue" }, b: { user: "bob", team: null } });
  for (const odd of ["a", "a=", "=ann", "a=ann/", "a=ann/blue/red"])
    expect(() => simulateOptions(["--owner", odd])).toThrow(SimulateUsageError);
});
