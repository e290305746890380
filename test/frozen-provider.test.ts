import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { serveOn } from "./served.ts";
import { until } from "./stack.ts";
import { cloneDatabase, dropDatabase } from "./test-server.ts";

const program = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

test("a provider that takes connections and never answers is not up within 40 s, also while nothing is to be done", async () => {
  const server = inject("testServer");
  const name = `frozen_${process.pid}`;
  const url = await cloneDatabase(server, name);
  const provider = spawn(process.execPath, [program, "simulate", "--port", "0", "--calm", "--token", "T"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(provider, "exit");
  try {
    const [line] = await once(provider.stdout.setEncoding("utf8"), "data");
    const providerUrl = /http:\S+/.exec(String(line))?.[0] ?? "";
    await using served = await serveOn(url, {
      DIGITALOCEAN_TOKEN: "T",
      DIGITALOCEAN_API_URL: providerUrl,
      ARCADIA_DOMAIN: "example.com",
      ARCADIA_POLL_SECONDS: "5",
    });
    const seen = async () => (await served.ask("GET", "/readyz")).body.provider;
    await until("the provider to be up", async () => (await seen()).status === "up");
    const frozenAt = Date.now();
    provider.kill("SIGSTOP");
    const down = await until("the provider to be down", async () => {
      const told = await seen();
      return told.status !== "up" && told;
    });
    console.log(`A frozen provider is ${down.status} after ${Date.now() - frozenAt} ms`);
    expect(Date.now() - frozenAt).toBeLessThan(40_000);
    expect(down).toMatchObject({ status: "down", reason: "the provider does not answer within 10 s" });
    provider.kill("SIGCONT");
    await until("the provider to be up again", async () => (await seen()).status === "up", 30_000);
  } finally {
    provider.kill("SIGKILL");
    await exit;
    await dropDatabase(server, name);
  }
});
