import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

test("a reset takes the account back to its start: same uuid, faults disarmed, no id used twice", async () => {
  const { call, arm, state } = await testSimulator({ calm: true });
  const empty = state();
  const before = (await call("GET", "/v2/account")).body.account;
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a"] })).body.droplet;
  await call("DELETE", "/v2/domains/example.com");
  await arm({ method: "GET", path: "account", kind: "reset" });
  expect((await call("POST", "/_sim/reset")).status).toBe(204);

  const { domains, ...rest } = state();
  expect(rest).toEqual({
    droplets: [],
    snapshots: [],
    volumes: [],
    volume_snapshots: [],
    reserved_ips: [],
    strangers: [],
    tags: [],
    requests: empty.requests,
    created_total: 0,
    destroyed_total: 0,
  });
  expect(domains.map((each) => [each.name, each.records.length])).toEqual([["example.com", 4]]);
  expect((await call("GET", "/v2/account")).body.account).toEqual(before);
  expect((await call("POST", "/v2/droplets", smallDroplet)).body.droplet.id).toBeGreaterThan(id);
});

test("/_sim/state is the truth while the API lags", async () => {
  const { call, clock, state } = await testSimulator({ bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a"] })).body.droplet;
  const live = (await call("GET", "/_sim/state")).body;
  expect(live).toMatchObject({ tags: ["a"], created_total: 1, destroyed_total: 0 });
  expect(live.droplets).toEqual([
    {
      id,
      name: "web-1",
      status: "active",
      region: "syd1",
      size_slug: "s-1vcpu-512mb-10gb",
      image: "ubuntu-24-04-x64",
      tags: ["a"],
      public_ipv4: "198.18.0.2",
      created_at: "2026-11-01T12:00:00Z",
    },
  ]);
  expect(live.requests).toEqual({ total: 1, by_route: { "POST /v2/droplets": 1 }, peak_per_minute: 1 });
  clock.advance(1500);
  await call("DELETE", `/v2/droplets/${id}`);
  expect(state()).toMatchObject({ droplets: [], destroyed_total: 1 });
  expect(state().requests.by_route).toMatchObject({ "DELETE /v2/droplets/{id}": 1 });
});

test("unseeded simulators are different accounts; a uuid can be given", async () => {
  const uuid = async (options: object): Promise<string> => {
    const { call } = await testSimulator({ seed: undefined, ...options });
    return (await call("GET", "/v2/account")).body.account.uuid;
  };
  expect(await uuid({})).not.toBe(await uuid({}));
  expect(await uuid({ accountUuid: "0b8dbd36-6e0b-4c5d-8d3c-1a2b3c4d5e6f" })).toBe(
    "0b8dbd36-6e0b-4c5d-8d3c-1a2b3c4d5e6f",
  );
});
