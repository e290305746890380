import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { deployment } from "#api/deployments.ts";
import { type Server, startServer } from "./arcadia-process.ts";
import { until } from "./stack.ts";

vi.setConfig({ testTimeout: 120_000 });

let server: Server;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arcadia-adopt-"));
  server = await startServer({ ARCADIA_POLL_SECONDS: "0.3", ARCADIA_SETTLE_SECONDS: "1", ARCADIA_SIM_BOOT_MS: "0" });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const droplets = z.object({
  droplets: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      status: z.string(),
      networks: z.object({ v4: z.array(z.object({ ip_address: z.string(), type: z.string() })) }),
    }),
  ),
});

test("adopts one, and many from a file: what is refused is told, and keeps no other from it", async () => {
  const spec = { region: "syd1", size: "s-1vcpu-1gb", image: "debian-13-x64" };
  await server.provider("POST", "/v2/droplets", { names: ["a", "b", "c"], ...spec });
  const made = await until("the droplets", async () => {
    const it = droplets.parse(await server.provider("GET", "/v2/droplets")).droplets;
    const isPublic = ({ status, networks }: (typeof it)[0]) =>
      status === "active" && networks.v4.some(({ type }) => type === "public");
    return it.length === 3 && it.every(isPublic) && it;
  });
  for (const { name, networks } of made) {
    const data = networks.v4.find(({ type }) => type === "public")?.ip_address;
    await server.provider("POST", "/v2/domains/example.com/records", { type: "A", name, data, ttl: 300 });
  }
  await server.arcadia(["tenants", "create", "acme"]);
  await until("them in the inventory", async () => {
    await server.arcadia(["inventory", "sync"]);
    const { stdout } = await server.arcadia(["inventory", "--json"]);
    return JSON.parse(stdout).items.length === 3;
  });
  const idOf = (name: string) => made.find((it) => it.name === name)?.id ?? 0;
  const adopting = (name: string) => [
    "--tenant",
    "acme",
    "--droplet",
    `${idOf(name)}`,
    "--hostname",
    `${name}.example.com`,
    "--dns",
    "manage",
  ];
  const one = adopting("a");
  const preview = (name: string) => server.arcadia(["adopt", ...adopting(name), "--preview"]);
  // The zone's list lags behind what has just been made, as the account's does.
  await until("their records in a sync, too", async () => {
    await server.arcadia(["inventory", "sync"]);
    const all = await Promise.all(["a", "b", "c"].map(preview));
    return all.every(({ status }) => status === 0);
  });
  const told = await preview("a");
  expect(told).toMatchObject({ status: 0, stderr: "" });
  expect(told.stdout).toContain("nothing was started");
  expect(told.stdout).toContain("A Terraform state");
  expect((await server.arcadia(["adopt", ...one, "--watch"])).status).toBe(0);
  expect(await server.json(deployment, ["deployments", "get", "a.example.com"])).toMatchObject({
    status: "active",
    adopted: true,
    protected: true,
  });

  const path = join(directory, "droplets.csv");
  const lines = ["a", "b", "c"].map((name) => `${idOf(name)},${name}.example.com,acme,manage`);
  await writeFile(path, ["provider_id,hostname,tenant,dns", ...lines].join("\n"));
  const dry = await server.arcadia(["adopt", "--from-file", path, "--dry-run"]);
  expect(dry).toMatchObject({ status: 1, stderr: expect.stringContaining("1 of 3 lines") });
  expect(dry.stdout).toContain("2 of 3 could be adopted; nothing was started");
  const many = await server.arcadia(["adopt", "--from-file", path, "--json"]);
  const refused = z.array(z.object({ hostname: z.string(), refused: z.boolean() })).parse(JSON.parse(many.stdout));
  expect(refused.filter((it) => it.refused).map((it) => it.hostname)).toEqual(["a.example.com"]);
  await until("b to be adopted", async () => {
    const it = await server.json(deployment, ["deployments", "get", "b.example.com"]);
    return it.status === "active";
  });
  const hcl = (await server.arcadia(["export", "terraform"])).stdout;
  expect(hcl).toMatch(/to = digitalocean_droplet\.d_b_example_com\n {2}id = "\d+"\n/);
  expect(hcl).toMatch(/to = digitalocean_record\.d_b_example_com\n {2}id = "example\.com,\d+"\n/);
  expect((await server.arcadia(["deployments", "unadopt", "b.example.com", "--watch"])).status).toBe(0);
  expect(await server.arcadia(["adopt"])).toMatchObject({ status: 2, stderr: expect.stringContaining("--from-file") });
});
