import { expect, test } from "vitest";
import { connectScripted, failureOf } from "#test/digitalocean-client.ts";
import type { ScriptedAnswer } from "#test/scripted-provider.ts";

const call = { priority: "wait" } as const;
const record = { id: 1, type: "A", name: "app", data: "203.0.113.5" };
const catalogue = (key: string, items: readonly object[]): ScriptedAnswer => ({
  status: 200,
  body: { [key]: items, meta: { total: items.length } },
});

test("a record at a name is there, also where only an A would have to tell where it leads", async () => {
  const odd = ["CNAME", "AAAA", "NS"].map((type, index) => ({ id: 2 + index, type, name: "odd", data: null, ttl: 60 }));
  await using it = await connectScripted([
    catalogue("domain_records", [record, ...odd]),
    catalogue("domain_records", [record, { ...record, id: 9, data: null }]),
    ...[null, { ip: "203.0.113.6" }].map((data) => catalogue("domain_records", [record, { ...record, id: 9, data }])),
    { status: 200, body: { domain_record: { ...record, data: null } } },
  ]);
  const { items } = await it.client.domains.records.list("example.com", undefined, call);
  expect(items.map(({ type, data }) => [type, data])).toEqual([
    [record.type, record.data],
    ...odd.map(({ type }) => [type, ""]),
  ]);
  // At a hostname it may be ours, in a whole zone whoever reads it knows.
  const { records } = it.client.domains;
  const refused = await failureOf(records.list("example.com", { name: "app.example.com" }, call));
  expect(refused.message).toContain("domain_records.1.data: is missing on A");
  for (let count = 0; count < 2; count += 1)
    expect((await records.list("example.com", undefined, call)).items).toMatchObject([record, { id: 9, data: "" }]);
  expect((await failureOf(records.get("example.com", 1, call))).message).toContain("data");
});

test("somebody else's snapshot that does not tell of what it is refuses no listing, one that may be ours does", async () => {
  const ours = { id: "1", name: "ours", resource_id: "7", size_gigabytes: 1 };
  const odd = (name: string | null) => ({ id: 2, name, resource_id: null });
  await using it = await connectScripted([
    catalogue("snapshots", [ours, odd("theirs")]),
    catalogue("snapshots", [ours, odd(null)]),
    catalogue("snapshots", [ours, odd("ours")]),
    catalogue("snapshots", [ours, odd(null)]),
  ]);
  const list = (name?: string) => it.client.snapshots.list("droplet", call, name);
  expect((await list("ours")).items).toMatchObject([ours, { id: "2", name: "theirs", resource_id: null }]);
  expect((await list()).items).toMatchObject([ours, { id: "2", name: null }]);
  for (let count = 0; count < 2; count += 1)
    expect((await failureOf(list("ours"))).message).toContain("may be the one that is looked for");
});

test("somebody else's reserved IP without a region refuses no listing, one that may be ours does", async () => {
  const ours = { ip: "203.0.113.1", region: { slug: "syd1" }, droplet: null };
  const odd = { ip: "203.0.113.2", region: null, droplet: null };
  await using it = await connectScripted(Array.from({ length: 2 }, () => catalogue("reserved_ips", [ours, odd])));
  const { items } = await it.client.reservedIps.list(call, ({ ip }) => ip === ours.ip);
  expect(items.map(({ ip, region }) => [ip, region])).toEqual([
    [ours.ip, "syd1"],
    [odd.ip, null],
  ]);
  const refused = await failureOf(it.client.reservedIps.list(call, ({ droplet_id: id }) => id === null));
  expect(refused.message).toContain("may be the one that is looked for");
});

test("a number that no column takes is none, and the zone is read all the same", async () => {
  const odd = { ...record, id: 2, ttl: 2 ** 31, priority: -(2 ** 40) };
  await using it = await connectScripted([
    catalogue("domain_records", [record, odd]),
    { status: 200, body: { domain: { name: "example.com", ttl: 2 ** 31 } } },
  ]);
  const { items } = await it.client.domains.records.list("example.com", undefined, call);
  expect(items).toMatchObject([record, { id: 2, ttl: null, priority: null }]);
  expect(await it.client.domains.get("example.com", call)).toEqual({ name: "example.com", ttl: null });
});

test("a time of an action is read in any spelling, and one that is none refuses no listing", async () => {
  const action = { id: 1, type: "power_off", status: "completed", resource_id: 7, resource_type: "droplet" };
  const actions = [
    { ...action, started_at: "2026-11-22T02:00:00+00:00", completed_at: "2026-11-22T04:00:01.5+02:00" },
    { ...action, id: 2, started_at: "soon", completed_at: 7 },
  ];
  await using it = await connectScripted([catalogue("actions", actions)]);
  const { items } = await it.client.actions.list(7, call);
  expect(items).toMatchObject([
    { id: 1, started_at: new Date("2026-11-22T02:00:00Z"), completed_at: new Date("2026-11-22T02:00:01.5Z") },
    { id: 2, started_at: null, completed_at: null },
  ]);
});
