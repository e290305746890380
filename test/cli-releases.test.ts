import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deployment, deploymentPage } from "#api/deployments.ts";
import { release, releasePage } from "#api/releases.ts";
import { tenant } from "#api/tenants.ts";
import { type Server, startServer } from "./arcadia-process.ts";

let server: Server;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arcadia-releases-"));
  server = await startServer({
    ARCADIA_POLL_SECONDS: "0.3",
    ARCADIA_SETTLE_SECONDS: "1",
    ARCADIA_SIM_BOOT_MS: "300",
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const check = '{"protocol":"http","port":80,"path":"/healthz","interval_seconds":1}';

test("a release is made, shown, listed within 80 columns, and never shows its user_data", async () => {
  const file = join(directory, "boot.sh");
  await writeFile(file, "#!/bin/sh\necho planted-secret\n");
  const asked = ["releases", "create", "web-1", "--image", "ubuntu-24-04-x64", "--user-data", file];
  const made = await server.json(release, [...asked, "--health-check", check]);
  expect(made).toMatchObject({ name: "web-1", has_user_data: true, size_slug: null });
  expect((await server.json(releasePage, ["releases"])).items).toEqual([made]);
  const shown = await server.arcadia(["releases", "get", "web-1"]);
  expect(shown.stdout).toMatch(/health check +http:80\/healthz\n/);
  expect(shown.stdout).not.toContain("planted-secret");
  const listed = await server.arcadia(["releases", "list"]);
  for (const line of listed.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(await server.arcadia(["releases", "create", "web-1", "--image", "ubuntu-24-04-x64"])).toMatchObject({
    status: 5,
  });
  expect(await server.arcadia(["releases", "create", "b", "--image", "x", "--health-check", "ftp:21"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--health-check is http:PORT/PATH"),
  });
});

test("a deployment goes live behind its release's check, and is found by release, label and health", async () => {
  await server.json(tenant, ["tenants", "create", "acme", "--hostname", "*.acme.example.com", "--label", "tier=gold"]);
  const variables = join(directory, "variables.json");
  await writeFile(variables, JSON.stringify({ PASSWORD: "planted-secret" }));
  const place = ["--tenant", "acme", "--hostname", "app.acme.example.com", "--region", "syd1"];
  const what = ["--size", "s-1vcpu-512mb-10gb", "--release", "web-1", "--variables", variables, "--variable", "A=1"];
  const ran = await server.arcadia(["deploy", ...place, ...what, "--label", "cohort=internal", "--watch"]);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout).toContain(" step wait_new_droplet_healthy completed");
  for (const filter of ["--release=web-1", "--label=cohort=internal", "--health=healthy"]) {
    const { items } = await server.json(deploymentPage, ["deployments", "list", filter]);
    expect([filter, items.map(({ hostname }) => hostname)]).toEqual([filter, ["app.acme.example.com"]]);
  }
  const shown = await server.arcadia(["deployments", "get", "app.acme.example.com"]);
  expect(shown.stdout).toMatch(/variables +A PASSWORD\n/);
  expect(shown.stdout).toMatch(/labels +cohort=internal\n/);
  expect(shown.stdout).toMatch(/health +healthy\n/);
  expect(shown.stdout).not.toContain("planted-secret");
  expect(await server.arcadia(["releases", "delete", "web-1", "--yes"])).toMatchObject({ status: 5 });
});

test("labels are replaced, variables set and removed one by one", async () => {
  const told = await server.arcadia(["deployments", "update", "app.acme.example.com", "--label", "cohort=internal"]);
  expect(told.stdout).toMatch(/^tenant +acme$/m);
  const update = (...more: string[]) =>
    server.json(deployment, ["deployments", "update", "app.acme.example.com", ...more]);
  expect(await update("--variable", "B=2", "--unset", "A")).toMatchObject({ variable_names: ["B", "PASSWORD"] });
  expect(await update("--label", "ring=1")).toMatchObject({ labels: { ring: "1" } });
  expect(await update("--no-labels", "--health-check", "tcp:22")).toMatchObject({
    labels: {},
    health_check: { protocol: "tcp", port: 22 },
  });
  expect((await update("--no-health-check")).health_check).toMatchObject({ protocol: "http", path: "/healthz" });
  const nothing = await server.arcadia(["deployments", "update", "app.acme.example.com"]);
  expect(nothing).toMatchObject({ status: 2, stderr: expect.stringContaining("nothing to change") });
});
