import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bootedDroplet, checkedSimulator, keyBytes } from "#test/checked-simulator.ts";
import { type Json, testSimulator } from "#test/test-simulator.ts";

const missing = "760e09ef-dc84-41e8-981e-3cfdfeaae000";

test("projects hold what is put into them, the default one the rest", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const id = await bootedDroplet(simulator);
  expect((await ask("GET", "/v2/projects/default")).body.project).toMatchObject({ is_default: true });
  const urns = async (project: string): Promise<string[]> =>
    (await ask("GET", `/v2/projects/${project}/resources`)).body.resources.map((each: Json) => each.urn);
  expect(await urns("default")).toEqual([`do:droplet:${id}`, "do:domain:example.com"]);
  const body = { name: "shop", purpose: "Web Application", environment: "Production" };
  const made = await ask("POST", "/v2/projects", body);
  expect([made.status, made.body.project]).toMatchObject([201, { ...body, is_default: false }]);
  const own = made.body.project.id;
  expect((await ask("POST", "/v2/projects", body)).status).toBe(409);
  for (const wrong of [{ name: "" }, { purpose: undefined }, { environment: "Nowhere" }, { name: "x".repeat(176) }])
    expect((await ask("POST", "/v2/projects", { ...body, name: "other", ...wrong })).status).toBe(422);
  const resources = [`do:droplet:${id}`, "do:droplet:1", `do:droplet:${id}`];
  const assigned = await ask("POST", `/v2/projects/${own}/resources`, { resources });
  expect(assigned.body.resources.map((each: Json) => each.status)).toEqual([
    "assigned",
    "not_found",
    "already_assigned",
  ]);
  expect([await urns(own), await urns("default")]).toEqual([[`do:droplet:${id}`], ["do:domain:example.com"]]);
  expect((await ask("DELETE", `/v2/projects/${own}`)).status).toBe(412);
  expect((await ask("PATCH", `/v2/projects/${own}`, { description: "d" })).body.project.description).toBe("d");
  expect((await ask("PUT", `/v2/projects/${own}`, { name: "shop" })).status).toBe(422);
  await ask("POST", "/v2/projects/default/resources", { resources: [`do:droplet:${id}`] });
  expect((await ask("DELETE", `/v2/projects/${own}`)).status).toBe(204);
  expect((await ask("GET", `/v2/projects/${own}`)).status).toBe(404);
  expect((await ask("PATCH", "/v2/projects/default", { name: "main" })).body.project.name).toBe("main");
});

test("the balance is what the droplets of now cost this month, and nothing was ever billed", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const id = await bootedDroplet(simulator, { size: "s-1vcpu-1gb" });
  clock.advance(100 * 3_600_000);
  expect((await ask("GET", "/v2/customers/my/balance")).body).toMatchObject({
    month_to_date_usage: "0.89",
    account_balance: "0.00",
  });
  for (const what of ["billing_history", "invoices"])
    expect((await ask("GET", `/v2/customers/my/${what}`)).body).toEqual({ [what]: [], links: {}, meta: { total: 0 } });
  for (const path of [missing, `${missing}/summary`])
    expect((await ask("GET", `/v2/customers/my/invoices/${path}`)).status).toBe(404);
  expect((await ask("GET", `/v2/droplets/${id}/neighbors`)).body).toEqual({ droplets: [] });
  for (const what of ["kernels", "backups", "snapshots", "backups/policy"])
    expect((await ask("GET", `/v2/droplets/${id}/${what}`)).status).toBe(200);
  const actions = (await ask("GET", "/v2/actions")).body.actions;
  expect(actions).toMatchObject([{ type: "create", resource_id: id, resource_type: "droplet" }]);
});

test("all of it outlives a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stateFile = join(folder, "account.json");
  const simulator = await checkedSimulator({ stateFile });
  const { ask, clock } = simulator;
  const id = await bootedDroplet(simulator);
  await ask("POST", "/v2/account/keys", { name: "laptop", public_key: `ssh-ed25519 ${keyBytes}` });
  const rule = { protocol: "icmp", sources: { tags: [] } };
  await ask("POST", "/v2/firewalls", { name: "fw", inbound_rules: [rule], droplet_ids: [id] });
  await ask("POST", "/v2/vpcs", { name: "own", region: "syd1" });
  const { volume } = (await ask("POST", "/v2/volumes", { name: "data", region: "syd1", size_gigabytes: 10 })).body;
  await ask("POST", `/v2/volumes/${volume.id}/snapshots`, { name: "data-1" });
  await ask("POST", `/v2/volumes/${volume.id}/actions`, { type: "attach", droplet_id: id });
  clock.advance(3000);
  await ask("POST", "/v2/reserved_ips", { droplet_id: id });
  const { project } = (await ask("POST", "/v2/projects", { name: "p", purpose: "x" })).body;
  await ask("POST", `/v2/projects/${project.id}/resources`, { resources: [`do:volume:${volume.id}`] });
  await simulator.close();
  const again = await testSimulator({ calm: true, stateFile, clock, rateLimits: "off" });
  clock.advance(3000);
  for (const path of [
    "account/keys",
    "firewalls",
    "vpcs",
    "volumes",
    "snapshots",
    "reserved_ips",
    "projects",
    "actions",
    `projects/${project.id}/resources`,
  ]) {
    const [told, now] = await Promise.all(
      [simulator, again].map(async ({ handle }) => {
        const answer = await handle({ method: "GET", path: `/v2/${path}`, headers: { authorization: "Bearer t" } });
        return typeof answer === "string" ? answer : JSON.parse(answer.body);
      }),
    );
    expect([path, now]).toEqual([path, told]);
    expect(now.meta.total).toBeGreaterThan(0);
  }
});
