import { expect, test } from "vitest";
import { bootedDroplet, checkedSimulator, totalOf } from "#test/checked-simulator.ts";
import { checkLeftOut } from "#test/left-out-document.ts";

const http = { entry_protocol: "http", entry_port: 80, target_protocol: "http", target_port: 8080 };
const front = { name: "front", region: "syd1", forwarding_rules: [http] };

test("a load balancer leads to droplets by their ids or by a tag, and is answered as DigitalOcean does", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const id = await bootedDroplet(simulator, { tags: ["web"] });
  const byId = await ask("POST", "/v2/load_balancers", { ...front, droplet_ids: [id] });
  expect([byId.status, byId.body.load_balancer]).toMatchObject([202, { name: "front", droplet_ids: [id], tag: "" }]);
  const byTag = await ask("POST", "/v2/load_balancers", { ...front, name: "other", tag: "web" });
  expect(byTag.body.load_balancer).toMatchObject({ droplet_ids: [], tag: "web", forwarding_rules: [http] });
  expect(await totalOf(simulator, "/v2/load_balancers")).toBe(2);
  expect((await ask("GET", "/v2/load_balancers?per_page=1&page=2")).body.load_balancers).toHaveLength(1);
});

test.each([
  ["no name", { name: "" }],
  ["no rules", { forwarding_rules: [] }],
  ["a protocol that there is not", { forwarding_rules: [{ ...http, entry_protocol: "smtp" }] }],
  ["a port that there is not", { forwarding_rules: [{ ...http, target_port: 70_000 }] }],
  ["a region that there is not", { region: "mars1" }],
  ["ids and a tag", { droplet_ids: [1], tag: "web" }],
  ["a droplet that there is not", { droplet_ids: [1] }],
  ["a tag that there is not", { tag: "nothing" }],
])("with %s it is refused", async (_, wrong) => {
  const { ask } = await checkedSimulator();
  expect((await ask("POST", "/v2/load_balancers", { ...front, ...wrong })).status).toBe(422);
});

test("the check itself finds faults", () => {
  const check = (body: unknown, status = 202) => checkLeftOut("POST /v2/load_balancers", status, body);
  expect(check({ load_balancer: { ...front, region: "syd1" } })).toContain("load_balancer.region");
  expect(check({ balancer: {} })).toContain("Unrecognized key");
  expect(check({}, 201)).toContain("does not answer 201");
  expect(check({ message: "no id" }, 422)).toContain("id");
});
