import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { sagaPage } from "#api/sagas.ts";
import { type Server, startServer } from "./arcadia-process.ts";

const smokeReport = z.object({
  proofs: z.array(z.object({ name: z.string(), ok: z.boolean() })),
  cost_usd: z.number(),
});

let server: Server;
beforeAll(async () => {
  server = await startServer({
    ARCADIA_POLL_SECONDS: "0.3",
    ARCADIA_SETTLE_SECONDS: "1",
    ARCADIA_DNS_TTL_SECONDS: "30",
    ARCADIA_SIM_BOOT_MS: "3000",
  });
  await server.arcadia(["tenants", "create", "acme"]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test("smoke refuses the simulator, and without --yes only says what it would do and cost", async () => {
  expect(await server.arcadia(["smoke", "--yes"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("DIGITALOCEAN_TOKEN"),
  });
  expect(await server.arcadia(["smoke", "--simulated-ok"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("for about $0.0100"),
  });
  expect((await server.json(sagaPage, ["sagas"])).items).toEqual([]);
});

test("smoke makes and destroys a droplet and proves every part", async () => {
  const { proofs, cost_usd } = await server.json(smokeReport, ["smoke", "--simulated-ok", "--yes"]);
  expect(proofs.map((it) => [it.name, it.ok])).toEqual([
    ["account before", true],
    ["provision saga completed", true],
    ["registered in the inventory", true],
    ["spec recorded", true],
    ["destroy saga completed", true],
    ["404 at the provider", true],
    ["row marked deleted", true],
    ["account back to what it held", true],
    ["nothing left over", true],
  ]);
  expect(cost_usd).toBe(0.01);
});

test("smoke fails when a droplet cannot be made", async () => {
  await server.armFault({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422 });
  const ran = await server.arcadia(["smoke", "--simulated-ok", "--yes"]);
  expect(ran.status).toBe(1);
  expect(ran.stdout).toMatch(/^FAILED {2}provision saga completed: saga \S+ rolled_back/m);
  expect(ran.stdout).toMatch(/^ok {6}account back to what it held/m);
});

test("a watch outlives the server: it goes on where it was after kill -9 and a new start", async () => {
  const ran = await server.during(
    ["deploy", "--tenant", "acme", "--hostname", "app.example.com", "--watch"],
    "wait_droplet_active waiting",
    () => server.crashAndRestart(),
  );
  expect(ran.stderr).toContain("the saga goes on, connecting again");
  expect(ran.status).toBe(0);
  const lines = ran.stdout.split("\n").filter((line) => / (step|saga) /.test(line));
  expect(new Set(lines).size).toBe(lines.length);
  expect(ran.stdout).toMatch(/is active at [\d.]+ after/);
});

test("Ctrl-C ends a watch, says how to see and cancel the saga, and the saga goes on", async () => {
  const { items } = await server.json(sagaPage, ["sagas", "list", "--limit", "1"]);
  const before = items[0]?.id;
  const ran = await server.during(
    ["deploy", "--tenant", "acme", "--hostname", "left.example.com", "--watch"],
    "wait_droplet_active waiting",
    (child) => child.kill("SIGINT"),
  );
  const newest = async () => (await server.json(sagaPage, ["sagas", "list", "--limit", "1"])).items[0];
  const saga = await newest();
  expect(saga?.id).not.toBe(before);
  expect(ran.status).toBe(130);
  expect(ran.stdout).toMatch(
    /waiting for droplet \d+ to become active \(.*\) \((next look .*, )?rolled back in \dm \d\ds\)/,
  );
  for (const said of ["The saga goes on", `arcadia sagas watch ${saga?.id}`, `arcadia sagas cancel ${saga?.id}`])
    expect(ran.stderr).toContain(said);
  await expect.poll(async () => (await newest())?.status, { timeout: 60_000 }).toBe("completed");
});

test("SIGTERM stops the server cleanly", async () => {
  expect(await server.stop()).toBe(0);
});
