import { expect, test } from "vitest";
import { checkedSimulator } from "#test/checked-simulator.ts";
import { documentIsThere, officialDocument } from "#test/official-document.ts";
import { smallDroplet } from "#test/test-simulator.ts";

const name = documentIsThere
  ? "every answer is what the official document says"
  : "SKIPPED: ../shared/digitalocean/openapi-subset.json is not there, so answers are not checked against it";

test.skipIf(!documentIsThere).each([true, false])(`${name} (calm: %s)`, async (calm) => {
  const { ask, clock, state } = await checkedSimulator({ calm });
  const tagged = { ...smallDroplet, tags: ["a", "b"], ipv6: true, monitoring: true };
  const { droplet, links } = (await ask("POST", "/v2/droplets", tagged)).body;
  const { name: _name, ...rest } = smallDroplet;
  await ask("POST", "/v2/droplets", { ...rest, names: ["web-2", "web-3"], tags: ["a"] });
  const of = `/v2/droplets/${droplet.id}`;
  const records = "/v2/domains/example.com/records";
  for (const pause of [0, 1500, 1500, 3000]) {
    clock.advance(pause);
    for (const query of ["", "?tag_name=a", "?per_page=1&page=2", "?page=7", "?name=web-1"])
      await ask("GET", `/v2/droplets${query}`);
    for (const path of [of, `${of}/actions`, `/v2/actions/${links.actions[0].id}`]) await ask("GET", path);
    for (const path of ["/v2/tags", "/v2/tags/a", "/v2/domains", "/v2/domains/example.com", records])
      await ask("GET", path);
  }
  for (const path of ["account", "account/keys", "sizes", "regions", "images", "images?private=true"])
    await ask("GET", `/v2/${path}`);
  const action = (await ask("POST", `${of}/actions`, { type: "power_cycle" })).body.action;
  await ask("GET", `${of}/actions/${action.id}`);
  clock.advance(3000);

  const record = (await ask("POST", records, { type: "A", name: "www", data: "192.0.2.1", ttl: 60 })).body
    .domain_record;
  await ask("POST", records, { type: "MX", name: "@", data: "mail.example.net.", priority: 10 });
  await ask("POST", records, { type: "CAA", name: "@", data: "example.net", flags: 0, tag: "issue" });
  await ask("GET", `${records}/${record.id}`);
  await ask("PUT", `${records}/${record.id}`, { type: "A", data: "192.0.2.2" });
  await ask("PATCH", `${records}/${record.id}`, { type: "A", ttl: 300 });
  await ask("DELETE", `${records}/${record.id}`);
  await ask("POST", "/v2/domains", { name: "example.org" });
  await ask("DELETE", "/v2/domains/example.org");

  await ask("POST", "/v2/tags", { name: "c" });
  const resources = { resources: [{ resource_id: String(droplet.id), resource_type: "droplet" }] };
  await ask("POST", "/v2/tags/c/resources", resources);
  await ask("GET", "/v2/tags/c");
  await ask("DELETE", "/v2/tags/c/resources", resources);
  await ask("DELETE", "/v2/tags/c");
  await ask("DELETE", of);
  await ask("DELETE", "/v2/droplets?tag_name=a");
  expect(state().droplets).toEqual([]);
});

test.skipIf(!documentIsThere)(`${name}: refusals`, async () => {
  const { ask, arm, asked } = await checkedSimulator({
    token: "right",
    scopes: ["droplet:read", "droplet:create", "tag:create"],
  });
  const right = { authorization: "Bearer right" };
  await ask("GET", "/v2/droplets");
  await ask("GET", "/v2/account", undefined, right);
  await ask("GET", "/v2/droplets/1", undefined, right);
  await ask("POST", "/v2/droplets", {}, right);
  await ask("POST", "/v2/droplets", "{", right);
  await ask("POST", "/v2/droplets", "x".repeat(1_100_000), right);
  await ask("POST", "/v2/tags", { name: "no spaces" }, right);
  for (const status of [409, 429, 500, 502, 503, 504]) {
    await arm({ method: "GET", path: "/v2/droplets", kind: "status", status });
    await ask("GET", "/v2/droplets", undefined, right);
  }
  const statuses = [...asked].map((each) => Number(each.split(" ")[1])).toSorted((a, b) => a - b);
  expect([...new Set(statuses)]).toEqual([400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504]);
});

test.skipIf(!documentIsThere)(`${name}: the check itself finds faults`, async () => {
  const check = officialDocument();
  expect(check("GET", "/v2/account", 200, { account: {} })).toContain("required property 'droplet_limit'");
  expect(check("GET", "/v2/droplets", 200, { droplets: [] })).toContain("required property 'meta'");
  expect(check("GET", "/v2/droplets", 404, {})).toContain("required property 'id'");
  expect(check("GET", "/v2/domains/example.com", 200, { zone: {} })).toContain("zone is not in the document");
  expect(check("POST", "/v2/account", 200, {})).toContain("not in the document");
  expect(check("POST", "/v2/droplets", 201, {})).toContain("does not answer 201");
  expect(check("DELETE", "/v2/droplets/1", 204, { droplet: {} })).toContain("has a body");
});
