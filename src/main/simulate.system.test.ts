import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { arcadiaProgram, runArcadia } from "#test/arcadia-process.ts";
import { selfSigned } from "#test/self-signed.ts";

async function start(...args: string[]) {
  const child = spawn(arcadiaProgram, ["simulate", "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? "";
  const exit = once(child, "exit");
  return { line: String(line), url, exit, stop: (signal: NodeJS.Signals) => child.kill(signal) };
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
  await expect.poll(() => answered.length, { timeout: 20_000 }).toBeGreaterThan(20);
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

test("with a certificate and key it speaks HTTPS, and says how its clients call it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { cert, key } = selfSigned(["localhost"]);
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const running = await start("--tls-cert", certFile, "--tls-key", keyFile, "--public-url", "https://api.example/");
  expect(running.line).toMatch(/on https:\/\/127\.0\.0\.1:\d+, to its clients https:\/\/api\.example\n$/);
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${running.url}/_sim/state`, { ca: cert, servername: "localhost" }, (response) =>
      resolve(response.resume().statusCode),
    );
    sent.on("error", reject).end();
  });
  expect(answer).toBe(200);
});

test("the help names the options and the control calls", async () => {
  const { stdout } = await runArcadia(["simulate", "--help"]);
  for (const option of ["--host", "--tls-cert", "--tls-key", "--public-url", "--get-lag-ms"])
    expect(stdout).toContain(option);
  for (const call of ["GET    /_sim/state", "POST   /_sim/faults", "PATCH  /_sim/settings", "POST   /_sim/reset"])
    expect(stdout).toContain(call);
});

test("a certificate that cannot be read is said, and nothing is started", async () => {
  const ran = await runArcadia(["simulate", "--port", "0", "--tls-cert", "/no/such.pem", "--tls-key", "/no/such.pem"]);
  expect(ran).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("--tls-cert: /no/such.pem") });
});
