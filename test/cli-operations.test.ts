import { parse } from "yaml";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { deployment, deploymentPreview } from "#api/deployments.ts";
import { operationPreview, snapshotPage } from "#api/operations.ts";
import { auditPage } from "#api/audit.ts";
import { resourcePage } from "#api/resources.ts";
import { saga as sagaSchema } from "#api/sagas.ts";
import { type Server, startServer } from "./arcadia-process.ts";

vi.setConfig({ testTimeout: 120_000 });

const hostname = "app.acme.example.com";
let server: Server;
beforeAll(async () => {
  server = await startServer({ ARCADIA_POLL_SECONDS: "0.3", ARCADIA_SETTLE_SECONDS: "1", ARCADIA_SIM_BOOT_MS: "300" });
  const small = ["--region", "syd1", "--size", "s-1vcpu-512mb-10gb"];
  await server.arcadia(["deploy", "--tenant", "acme", "--create-tenant", "--hostname", hostname, ...small, "--watch"]);
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (...words: string[]) => server.arcadia(["deployments", ...words]);

test("--preview says what it would do and starts nothing; without it, it is done", async () => {
  const resize = ["resize", hostname, "--size", "s-1vcpu-1gb"];
  const told = await ask(...resize, "--preview");
  expect(told).toMatchObject({ status: 0, stderr: "" });
  expect(told.stdout).toContain("changed from s-1vcpu-512mb-10gb to s-1vcpu-1gb");
  expect(told.stdout).toContain("It costs $6 a month, today $4");
  expect(await server.json(operationPreview, ["deployments", ...resize, "--preview"])).toMatchObject({
    operation: "resize",
    monthly_usd: { before: 4, after: 6 },
  });
  expect(await server.json(deployment, ["deployments", "get", hostname])).toMatchObject({ operation: null });

  const done = await ask(...resize, "--watch");
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(done.stdout).toContain(" step record_specification completed");
  expect(await ask(...resize)).toMatchObject({ status: 2, stderr: expect.stringContaining("already") });
});

test("deploy --preview says what would be made and what it costs, and makes nothing", async () => {
  const place = ["--hostname", "new.acme.example.com", "--region", "syd1", "--size", "s-1vcpu-1gb"];
  const asked = ["deploy", "--tenant", "acme", ...place, "--volume", "50", "--reserved-ip", "--preview"];
  const told = await server.arcadia(asked);
  expect(told).toMatchObject({ status: 0, stderr: "" });
  expect(told.stdout).toContain("A volume of 50 GiB (ext4) is made in syd1");
  expect(told.stdout).toContain("It costs $11 a month");
  expect(Math.max(...told.stdout.split("\n").map((line) => line.length))).toBeLessThan(120);
  expect(await server.json(deploymentPreview, asked)).toMatchObject({ monthly_usd: 11 });
  expect((await ask("get", "new.acme.example.com")).status).not.toBe(0);
  expect((await server.arcadia(["deploy", "--tenant", "nobody", ...place, "--preview"])).status).toBe(4);
  const nobody = await server.arcadia(["deploy", "--tenant", "nobody", "--create-tenant", ...place, "--preview"]);
  expect(nobody).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("Tenant nobody is made") });
  expect(nobody.stdout).toContain("It costs $6 a month");
  expect((await server.arcadia(["tenants", "get", "nobody"])).status).toBe(4);
});

test("one thing is shown as JSON, as YAML or for people, by -o as in lists", async () => {
  for (const words of [
    ["deployments", "get", hostname],
    ["sagas", "get", hostname],
    ["tenants", "get", "acme"],
    ["costs"],
  ]) {
    const [json, same, yaml, table] = await Promise.all(
      [["--json"], ["-o", "json"], ["-o", "yaml"], ["-o", "table"]].map((as) => server.arcadia([...words, ...as])),
    );
    // What it has cost goes on.
    const told = (text = "") => Object.keys(JSON.parse(text));
    expect(told(same?.stdout)).toEqual(told(json?.stdout));
    expect(Object.keys(parse(yaml?.stdout ?? ""))).toEqual(told(json?.stdout));
    expect(table).toMatchObject({ status: 0, stdout: expect.not.stringContaining("{") });
    expect((await server.arcadia([...words, "--json", "-o", "yaml"])).status).toBe(2);
  }
});

test("what loses data wants --yes without a terminal, and an option that is needed is asked for", async () => {
  expect(await ask("rebuild", hostname, "--image", "debian-13-x64")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("add --yes"),
  });
  expect(await ask("rebuild", hostname, "--yes")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--image"),
  });
  expect((await ask("snapshot", hostname, "--name", "before", "--keep-days", "3", "--watch")).status).toBe(0);
  const { items } = await server.json(snapshotPage, ["deployments", "snapshots", hostname]);
  expect(items).toMatchObject([{ name: expect.stringMatching(/^before-/) }]);
  const restored = await ask("restore", hostname, "--snapshot", items[0]?.name ?? "", "--yes", "--watch");
  expect(restored).toMatchObject({ status: 0, stderr: "" });
});

test("suspended, it is shown as such, and what makes no sense then is a conflict", async () => {
  expect((await ask("suspend", hostname, "--watch")).status).toBe(0);
  expect((await ask("get", hostname)).stdout).toContain("off: it is suspended");
  expect((await ask("list")).stdout).toContain("suspended");
  expect((await ask("snapshot", hostname, "--preview")).stdout).toContain("until it is unsuspended, as now");
  expect((await ask("unsuspend", hostname, "--preview")).stdout).toContain(
    "until it has booted: it does not answer now",
  );
  expect((await ask("suspend", hostname)).status).toBe(5);
  expect((await ask("unsuspend", hostname, "--watch")).status).toBe(0);
});

test("a saga, a droplet and what was done are found by the hostname, and by how an id begins", async () => {
  const { id, saga, resource } = await server.json(deployment, ["deployments", "get", hostname]);
  for (const reference of [hostname, saga?.id.slice(0, 35) ?? ""])
    expect((await server.json(sagaSchema, ["sagas", "get", reference])).id).toBe(saga?.id);
  expect((await server.json(deployment, ["deployments", "get", id.slice(0, 35)])).id).toBe(id);
  for (const words of [
    ["inventory", "list", "--droplet", hostname],
    ["inventory", "list", "--droplet", `${resource?.provider_id}`],
  ])
    expect((await server.json(resourcePage, words)).items).toMatchObject([{ provider_id: resource?.provider_id }]);
  for (const object of [hostname, id.slice(0, 35)]) {
    const { items } = await server.json(auditPage, ["audit", "--object", object]);
    expect(items.map((it) => it.action)).toContain("deployment.create");
  }
  expect(await server.arcadia(["sagas", "get", "no.example.com"])).toMatchObject({ status: 4 });
});
