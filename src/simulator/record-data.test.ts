import { expect, test } from "vitest";
import { type Json, testSimulator } from "#test/test-simulator.ts";

const records = "/v2/domains/example.com/records";
const nulls = { priority: null, port: null, weight: null, flags: null, tag: null };
const mx = { type: "MX", name: "@", priority: 10 };
const srv = { type: "SRV", name: "_sip._tcp", priority: 10, weight: 5, port: 5060 };
const caa = { type: "CAA", name: "@", flags: 0, tag: "issue" };
const cname = { type: "CNAME", name: "www" };

test.each<[string, Json, string]>([
  ["a CNAME", { ...cname, data: "example.net." }, "example.net"],
  ["a CNAME of the zone", { ...cname, data: "example.com." }, "@"],
  ["a CNAME of the zone in capitals", { ...cname, data: "Example.COM." }, "@"],
  ["a CNAME of the zone as @", { ...cname, data: "@" }, "@"],
  ["a CNAME inside the zone", { ...cname, data: "a.example.com." }, "a.example.com"],
  ["an MX", { ...mx, data: "mail.example.net." }, "mail.example.net"],
  ["an MX of the zone", { ...mx, data: "example.com." }, "@"],
  ["an SRV", { ...srv, data: "sip.example.net." }, "sip.example.net"],
  ["an SRV of the zone", { ...srv, data: "example.com." }, "@"],
  ["an SRV that says there is none", { ...srv, data: "." }, "."],
  ["an NS", { type: "NS", name: "sub", data: "ns1.example.net." }, "ns1.example.net"],
  ["a CAA", { ...caa, data: "letsencrypt.org." }, "letsencrypt.org"],
  ["a CAA that forbids wildcards", { ...caa, tag: "issuewild", data: "letsencrypt.org." }, "letsencrypt.org"],
  ["a CAA with a mailbox", { ...caa, tag: "iodef", data: "mailto:caa@example.com" }, "mailto:caa@example.com"],
  ["a TXT with quotes and a dot", { type: "TXT", name: "@", data: '"v=spf1 -all."' }, '"v=spf1 -all."'],
])("%s reads back as DigitalOcean says it", async (_, body, data) => {
  const { call, state } = await testSimulator({ calm: true });
  const made = await call("POST", records, body);
  const { name, type, data: _data, ...fields } = body;
  const expected = { ...nulls, ...fields, name, type, data, ttl: 1800 };
  expect([made.status, made.body.domain_record]).toMatchObject([201, expected]);
  const { id } = made.body.domain_record;
  expect((await call("GET", `${records}/${id}`)).body.domain_record).toEqual(made.body.domain_record);
  const listed = (await call("GET", `${records}?type=${type}`)).body.domain_records;
  expect(listed.at(-1)).toEqual(made.body.domain_record);
  expect(state().domains[0]?.records.at(-1)).toEqual(made.body.domain_record);
});

test.each<[string, Json, string]>([
  ["a CNAME without the dot", { ...cname, data: "example.net" }, "Data needs to end with a dot (.)"],
  ["a CNAME of a bare label", { ...cname, data: "www" }, "Data needs to end with a dot (.)"],
  ["an MX without the dot", { ...mx, data: "mail.example.net" }, "Data needs to end with a dot (.)"],
  ["an SRV without the dot", { ...srv, data: "sip.example.net" }, "Data needs to end with a dot (.)"],
  ["an NS without the dot", { type: "NS", name: "s", data: "ns.example.net" }, "Data needs to end with a dot (.)"],
  ["a CAA without the dot", { ...caa, data: "letsencrypt.org" }, "Data needs to end with a dot (.)"],
  ["a CAA that allows nobody", { ...caa, data: ";" }, "Data needs to end with a dot (.)"],
  ["an MX of nowhere", { ...mx, data: "." }, "Data is not a valid host name."],
  ["a CNAME with a blank", { ...cname, data: "exa mple.net." }, "Data is not a valid host name."],
  ["a CNAME with two dots", { ...cname, data: "example.net.." }, "Data is not a valid host name."],
  ["an SRV without a port", { ...srv, port: undefined, data: "sip.example.net." }, "port can't be blank"],
  ["an SRV without a weight", { ...srv, weight: null, data: "sip.example.net." }, "weight can't be blank"],
  ["a port over 65535", { ...srv, port: 65_536, data: "a.example." }, "port must be between 0 and 65535"],
  ["a negative priority", { ...mx, priority: -1, data: "a.example." }, "priority must be between 0 and 65535"],
  ["flags over 255", { ...caa, flags: 256, data: "a.example." }, "flags must be between 0 and 255"],
  ["a CAA without a tag", { ...caa, tag: undefined, data: "a.example." }, "tag can't be blank"],
  ["an unknown CAA tag", { ...caa, tag: "forbid", data: "a.example." }, "Tag must be one of issue, issuewild, iodef"],
  ["a blank TXT", { type: "TXT", name: "t", data: " " }, "Data can't be blank"],
  ["a TXT too long", { type: "TXT", name: "t", data: "x".repeat(513) }, "Data is too long (maximum is 512 characters)"],
])("%s is a 422", async (_, body, message) => {
  const { call, state } = await testSimulator({ calm: true });
  const refused = await call("POST", records, body);
  expect([refused.status, refused.body.message]).toEqual([422, message]);
  expect(state().domains[0]?.records).toHaveLength(4);
});

test("an update without the dot is refused too, and one of another field leaves the data as it is", async () => {
  const { call } = await testSimulator({ calm: true });
  const made = (await call("POST", records, { ...mx, data: "mail.example.net." })).body.domain_record;
  const path = `${records}/${made.id}`;
  for (const method of ["PUT", "PATCH"]) {
    const refused = await call(method, path, { type: "MX", data: made.data });
    expect([refused.status, refused.body.message]).toEqual([422, "Data needs to end with a dot (.)"]);
  }
  const changed = (await call("PATCH", path, { type: "MX", priority: 20 })).body.domain_record;
  expect(changed).toEqual({ ...made, priority: 20 });
  expect((await call("PUT", path, { type: "MX", data: "example.com." })).body.domain_record.data).toBe("@");
});

test("the zeros that Go's client sends for every field read back as null where a type has no such field", async () => {
  const { call } = await testSimulator({ calm: true });
  const zeros = { priority: 0, port: 0, weight: 0, flags: 0 };
  const made = (await call("POST", records, { type: "A", name: "www", data: "192.0.2.1", ...zeros })).body;
  expect(made.domain_record).toMatchObject(nulls);
  const kept = (await call("POST", records, { ...srv, ...zeros, data: "a.example." })).body.domain_record;
  expect(kept).toMatchObject({ priority: 0, port: 0, weight: 0, flags: null, tag: null });
});

test("records of one name and type share the TTL of the latest write; the SOA changes its TTL and no more", async () => {
  const { call, state } = await testSimulator({ calm: true });
  const txt = { type: "TXT", name: "@", data: "one" };
  await call("POST", records, { ...txt, ttl: 60 });
  await call("POST", records, { type: "A", name: "@", data: "192.0.2.1", ttl: 90 });
  await call("POST", records, { ...txt, data: "two" });
  const ttls = () =>
    state()
      .domains[0]?.records.slice(4)
      .map((each) => [each.type, each.ttl]);
  expect(ttls()).toEqual([
    ["TXT", 1800],
    ["A", 90],
    ["TXT", 1800],
  ]);
  const soa = state().domains[0]!.records[0]!;
  const changed = await call("PATCH", `${records}/${soa.id}`, { type: "SOA", ttl: 600, data: "x", name: "y" });
  expect(changed.body.domain_record).toEqual({ ...soa, ttl: 600 });
});

test("the zone file has absolute names, and the numbers that go before them", async () => {
  const { call } = await testSimulator({ calm: true });
  for (const body of [
    { ...srv, data: "example.com." },
    { ...mx, data: "mail.example.net." },
    { ...caa, data: "letsencrypt.org." },
  ])
    await call("POST", records, body);
  const file = (await call("GET", "/v2/domains/example.com")).body.domain.zone_file;
  for (const line of [
    "example.com. 1800 IN NS ns1.digitalocean.com.",
    "_sip._tcp.example.com. 1800 IN SRV 10 5 5060 example.com.",
    "example.com. 1800 IN MX 10 mail.example.net.",
    "example.com. 1800 IN CAA 0 issue letsencrypt.org.",
  ])
    expect(file).toContain(`${line}\n`);
});
