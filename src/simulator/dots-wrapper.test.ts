import { createApiClient } from "dots-wrapper";
import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

/** A client of other people's, so that the simulator is not only what our own client takes it for. */
async function wrapped() {
  const simulator = await testSimulator({ calm: true, rateLimits: "off", bootMs: 1000 });
  return { ...simulator, client: createApiClient({ token: "t", endpoint: `${simulator.url}/v2` }) };
}

test("dots-wrapper creates more than 200 droplets, lists them by tag in pages, gets and deletes them", async () => {
  const { client, clock, state } = await wrapped();
  const { name: _name, ...rest } = smallDroplet;
  for (let made = 0; made < 230; made += 10) {
    const names = Array.from({ length: 10 }, (_, index) => `web-${made + index}`);
    const answer = await client.droplet.createDroplets({ ...rest, names, tags: ["fleet:prod"] });
    expect([answer.status, answer.data.droplets.length]).toEqual([202, 10]);
  }
  const one = await client.droplet.createDroplet({ ...smallDroplet, name: "other", tags: ["other"] });
  clock.advance(1000);

  const ids = new Set<number>();
  for (const page of [1, 2]) {
    const { data } = await client.droplet.listDroplets({ tag_name: "fleet:prod", per_page: 200, page });
    expect(data.meta?.total).toBe(230);
    for (const { id } of data.droplets) ids.add(id);
  }
  expect(ids.size).toBe(230);

  const { id } = one.data.droplet;
  const got = await client.droplet.getDroplet({ droplet_id: id });
  expect(got.data.droplet).toMatchObject({ name: "other", status: "active", tags: ["other"] });
  const address = got.data.droplet.networks.v4.find((each) => each.type === "public")?.ip_address;
  expect(address).toBe(state().droplets.at(-1)?.public_ipv4);
  expect((await client.droplet.deleteDroplet({ droplet_id: id })).status).toBe(204);
  await expect(client.droplet.getDroplet({ droplet_id: id })).rejects.toMatchObject({ response: { status: 404 } });
  expect((await client.droplet.deleteDropletsByTag({ tag_name: "fleet:prod" })).status).toBe(204);
  expect(state()).toMatchObject({ droplets: [], created_total: 231, destroyed_total: 231 });
});

test("dots-wrapper writes, changes, lists and deletes domain records", async () => {
  const { client, state } = await wrapped();
  const domain_name = "example.com";
  const made = await client.domain.createDomainRecord({
    domain_name,
    type: "A",
    name: "www",
    data: "192.0.2.1",
    ttl: 60,
  });
  expect(made.status).toBe(201);
  const domain_record_id = made.data.domain_record.id;
  await client.domain.updateDomainRecord({ domain_name, domain_record_id, type: "A", data: "192.0.2.2" });
  const listed = await client.domain.listDomainRecords({ domain_name, name: "www.example.com", type: "A" });
  expect(listed.data.domain_records).toMatchObject([{ id: domain_record_id, data: "192.0.2.2", ttl: 60 }]);
  await client.domain.deleteDomainRecord({ domain_name, domain_record_id });
  expect(state().domains[0]?.records.some((each) => each.type === "A")).toBe(false);
});
