import { expect, test } from "vitest";
import { testSimulator } from "#test/test-simulator.ts";

const records = "/v2/domains/example.com/records";
const a = { type: "A", name: "www", data: "192.0.2.1", ttl: 60 };

test("the zone begins with its SOA and NS records", async () => {
  const { call, state } = await testSimulator({ domain: "Zone.Test" });
  expect(state().domains).toMatchObject([
    { name: "zone.test", records: [{ type: "SOA" }, { type: "NS" }, { type: "NS" }, { type: "NS" }] },
  ]);
  const { domain } = (await call("GET", "/v2/domains/zone.test")).body;
  expect(domain.zone_file).toContain("zone.test. 1800 IN NS ns1.digitalocean.com.");
  expect((await call("GET", "/v2/domains/other.test/records")).status).toBe(404);
});

test("the name filter is the full name, although a record says the relative one", async () => {
  const { call } = await testSimulator({ calm: true });
  await call("POST", records, a);
  await call("POST", records, { ...a, name: "@" });
  const names = async (query: string): Promise<string[]> => {
    const { body } = await call("GET", `${records}?${query}`);
    return body.domain_records.map((each: { type: string; name: string }) => `${each.type} ${each.name}`);
  };
  expect(await names("name=www.example.com")).toEqual(["A www"]);
  expect(await names("name=www")).toEqual([]);
  expect(await names("name=example.com&type=A")).toEqual(["A @"]);
  expect(await names("type=AAAA")).toEqual([]);
});

test("a duplicate is taken; each is changed and deleted by its id", async () => {
  const { call, state } = await testSimulator({ calm: true });
  const ids: number[] = [];
  for (let round = 0; round < 2; round++) ids.push((await call("POST", records, a)).body.domain_record.id);
  const path = `${records}/${ids[0]}`;
  const put = await call("PUT", path, { type: "A", data: "192.0.2.2" });
  expect([put.status, put.body.domain_record]).toMatchObject([
    200,
    { id: ids[0], data: "192.0.2.2", ttl: 60, name: "www" },
  ]);
  expect((await call("PATCH", path, { type: "A", ttl: 300 })).body.domain_record).toMatchObject({
    ttl: 300,
    data: "192.0.2.2",
  });
  expect((await call("DELETE", path)).status).toBe(204);
  expect((await call("DELETE", path)).status).toBe(404);
  expect((await call("GET", path)).status).toBe(404);
  const left = state().domains[0]?.records.filter((each) => each.type === "A");
  expect(left).toMatchObject([{ id: ids[1], data: a.data }]);
});

test("ttl defaults to 1800, and an absolute name is made relative", async () => {
  const { call } = await testSimulator({ calm: true });
  const made = await call("POST", records, { type: "A", name: "App.Example.com.", data: "192.0.2.1" });
  expect(made.body.domain_record).toMatchObject({ name: "app", ttl: 1800, priority: null });
});

test.each([
  ["ttl below 30", { ...a, ttl: 29 }],
  ["a ttl of more than 31 bits", { ...a, ttl: 2 ** 31 }],
  ["a label of more than 63 characters", { ...a, name: `${"x".repeat(64)}.www` }],
  ["a name of more than 253 characters", { ...a, name: "x".repeat(50).concat(".y".repeat(96)) }],
  ["an A record that is no IPv4 address", { ...a, data: "2001:db8::1" }],
  ["no data", { type: "A", name: "www" }],
  ["no name", { type: "A", data: "192.0.2.1" }],
  ["an unknown type", { ...a, type: "WKS" }],
  ["a CNAME without a dot", { type: "CNAME", name: "cdn", data: "example.net" }],
  ["an MX without a priority", { type: "MX", name: "@", data: "mail.example.net." }],
  ["a CNAME beside other records", { type: "CNAME", name: "taken", data: "example.net." }],
])("%s is a 422, and nothing is made", async (_, body) => {
  const { call, state } = await testSimulator({ calm: true });
  await call("POST", records, { ...a, name: "taken" });
  expect((await call("POST", records, body)).status).toBe(422);
  expect(state().domains[0]?.records).toHaveLength(5);
});

test("domains can be added, once, and removed", async () => {
  const { call, state } = await testSimulator({ calm: true });
  expect((await call("POST", "/v2/domains", { name: "example.org", ip_address: "192.0.2.9" })).status).toBe(201);
  expect((await call("POST", "/v2/domains", { name: "example.org" })).status).toBe(422);
  expect((await call("POST", "/v2/domains", { name: "no domain" })).status).toBe(422);
  expect(state().domains[1]?.records.at(-1)).toMatchObject({ type: "A", name: "@", data: "192.0.2.9" });
  expect((await call("DELETE", "/v2/domains/example.org")).status).toBe(204);
  expect((await call("GET", "/v2/domains")).body.meta.total).toBe(1);
});

test.each(["a..b", "*..a", "a...b"])("%s has an empty label, and is refused", async (name) => {
  const { call } = await testSimulator({ calm: true });
  expect((await call("POST", records, { ...a, name })).status).toBe(422);
});
