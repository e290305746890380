import { expect, test } from "vitest";
import { bootedDroplet, checkedSimulator, keyBytes, totalOf } from "#test/checked-simulator.ts";
import { type Json } from "#test/test-simulator.ts";

test("keys are added once, renamed and deleted, by id and by fingerprint", async () => {
  const { ask } = await checkedSimulator();
  const added = await ask("POST", "/v2/account/keys", {
    name: "laptop",
    public_key: `ssh-ed25519 ${keyBytes} me@laptop`,
  });
  expect([added.status, added.body.ssh_key.name]).toEqual([201, "laptop"]);
  const { id, fingerprint } = added.body.ssh_key;
  expect(fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  const twice = await ask("POST", "/v2/account/keys", { name: "again", public_key: `ssh-ed25519 ${keyBytes}` });
  expect([twice.status, twice.body.message]).toEqual([422, "SSH Key is already in use on your account"]);
  for (const public_key of ["", "ssh-ed25519", "nonsense here", `ssh-rsa ${keyBytes}`, undefined])
    expect((await ask("POST", "/v2/account/keys", { name: "bad", public_key })).status).toBe(422);
  expect((await ask("PUT", `/v2/account/keys/${id}`, { name: "desk" })).body.ssh_key.name).toBe("desk");
  expect((await ask("GET", `/v2/account/keys/${fingerprint}`)).body.ssh_key).toMatchObject({ id, name: "desk" });
  expect((await ask("GET", "/v2/account/keys")).body.meta.total).toBe(2);
  expect((await ask("DELETE", `/v2/account/keys/${fingerprint}`)).status).toBe(204);
  for (const method of ["GET", "DELETE"]) expect((await ask(method, `/v2/account/keys/${id}`)).status).toBe(404);
});

test("an account has no firewall; one is made, changed part by part, and lies on what it names", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  expect((await ask("GET", "/v2/firewalls")).body).toEqual({ firewalls: [], links: {}, meta: { total: 0 } });
  const [named, tagged] = [await bootedDroplet(simulator), await bootedDroplet(simulator, { tags: ["web"] })];
  const ssh = { protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0", "::/0"] } };
  const out = { protocol: "tcp", ports: "all", destinations: { addresses: ["0.0.0.0/0"] } };
  const body = { name: "web", inbound_rules: [ssh], outbound_rules: [out], droplet_ids: [named], tags: ["web"] };
  const made = await ask("POST", "/v2/firewalls", body);
  const all = { ...out, ports: "0" };
  expect([made.status, made.body.firewall]).toMatchObject([
    202,
    { ...body, outbound_rules: [all], status: "succeeded" },
  ]);
  const path = `/v2/firewalls/${made.body.firewall.id}`;
  for (const id of [named, tagged]) expect(await totalOf(simulator, `/v2/droplets/${id}/firewalls`)).toBe(1);
  expect((await ask("POST", "/v2/firewalls", body)).status).toBe(409);
  for (const wrong of [
    { ...body, name: "" },
    { ...body, name: "x", inbound_rules: [], outbound_rules: null },
    { ...body, name: "x1", droplet_ids: [1] },
    { ...body, name: "x1", tags: ["none"] },
    { ...body, name: "x1", inbound_rules: [{ ...ssh, ports: "22-21" }] },
    { ...body, name: "x1", inbound_rules: [{ ...ssh, ports: "70000" }] },
    { ...body, name: "x1", inbound_rules: [{ ...ssh, protocol: "sctp" }] },
    { ...body, name: "x1", inbound_rules: [{ protocol: "tcp", ports: "22" }] },
    { ...body, name: "x1", inbound_rules: [{ ...ssh, sources: { addresses: ["10.0.0.0/33"] } }] },
    { ...body, name: "x1", inbound_rules: [{ ...ssh, sources: { droplet_ids: [1] } }] },
    { ...body, name: "x1", outbound_rules: [{ ...out, destinations: { tags: ["none"] } }] },
  ])
    expect((await ask("POST", "/v2/firewalls", wrong)).status).toBe(422);

  const lying = { ...ssh, sources: { addresses: ["example.com"] } };
  expect((await ask("POST", `${path}/rules`, { inbound_rules: [lying] })).status).toBe(422);
  const targets = { addresses: ["192.0.2.1", "2001:db8::/32"], droplet_ids: [named], tags: ["web"] };
  const http = { ...ssh, ports: "80-81", sources: targets };
  expect((await ask("POST", `${path}/rules`, { inbound_rules: [http, ssh] })).status).toBe(204);
  expect((await ask("DELETE", `${path}/rules`, { outbound_rules: [out], inbound_rules: [ssh] })).status).toBe(204);
  expect((await ask("POST", `${path}/droplets`, { droplet_ids: [tagged] })).status).toBe(204);
  expect((await ask("DELETE", `${path}/droplets`, { droplet_ids: [named] })).status).toBe(204);
  expect((await ask("DELETE", `${path}/tags`, { tags: ["web"] })).status).toBe(204);
  const changed = (await ask("GET", path)).body.firewall;
  expect(changed).toMatchObject({ inbound_rules: [http], outbound_rules: [], droplet_ids: [tagged], tags: [] });
  expect((await ask("PUT", path, { ...body, name: "api" })).body.firewall).toMatchObject({
    name: "api",
    tags: ["web"],
  });
  await ask("DELETE", `/v2/droplets/${named}`);
  expect((await ask("GET", path)).body.firewall.droplet_ids).toEqual([]);
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("GET", path)).status).toBe(404);
});

test("each region has its default VPC; another is made, taken on as the default, and not deleted while it has members", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const before = (await ask("GET", "/v2/vpcs?per_page=200")).body.vpcs.find((each: Json) => each.region === "syd1");
  expect((await ask("DELETE", `/v2/vpcs/${before.id}`)).status).toBe(403);
  const made = await ask("POST", "/v2/vpcs", { name: "own", region: "syd1", description: "mine" });
  expect([made.status, made.body.vpc]).toMatchObject([201, { name: "own", default: false, description: "mine" }]);
  const path = `/v2/vpcs/${made.body.vpc.id}`;
  for (const wrong of [
    { name: "own", region: "syd1" },
    { name: "a b", region: "syd1" },
    { name: "b", region: "x" },
    ...["10.0.0.0/15", "10.0.0.0/29", "11.0.0.0/24", "172.15.255.0/24", "10.100.15.0/24", "10.100.0.0/16"].map(
      (ip_range) => ({
        name: "b",
        region: "syd1",
        ip_range,
      }),
    ),
  ])
    expect((await ask("POST", "/v2/vpcs", wrong)).status).toBe(422);
  for (const ip_range of ["10.0.0.0/16", "172.31.255.0/24", "192.168.255.240/28", "10.100.16.0/20"])
    expect(
      (await ask("POST", "/v2/vpcs", { name: ip_range.replace("/", "-"), region: "syd1", ip_range })).body.vpc,
    ).toMatchObject({ ip_range });
  const ranges = [
    made.body.vpc.ip_range,
    (await ask("POST", "/v2/vpcs", { name: "c", region: "syd1" })).body.vpc.ip_range,
  ];
  expect(new Set(ranges).size).toBe(2);
  expect((await ask("POST", "/v2/vpcs", { name: "d", region: "syd1", ip_range: ranges[1] })).status).toBe(422);
  expect((await ask("PATCH", path, { default: true })).body.vpc.default).toBe(true);
  expect((await ask("GET", `/v2/vpcs/${before.id}`)).body.vpc.default).toBe(false);
  const id = await bootedDroplet(simulator);
  expect((await ask("GET", `${path}/members?resource_type=droplet`)).body.members).toMatchObject([
    { urn: `do:droplet:${id}`, name: "web-1" },
  ]);
  expect((await ask("PUT", `/v2/vpcs/${before.id}`, { name: "old", default: true })).body.vpc.name).toBe("old");
  const refused = await ask("DELETE", path);
  expect([refused.status, refused.body.message]).toEqual([403, "Can not delete VPC with members"]);
  await ask("DELETE", `/v2/droplets/${id}`);
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("GET", path)).status).toBe(404);
});

test("a reserved address is for a region or a droplet, moves, and is free when its droplet is gone", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const [one, two] = [await bootedDroplet(simulator), await bootedDroplet(simulator)];
  const far = await bootedDroplet(simulator, { region: "nyc1" });
  const made = await ask("POST", "/v2/reserved_ips", { droplet_id: one });
  expect([made.status, made.body.links.actions.length]).toEqual([202, 1]);
  const path = `/v2/reserved_ips/${made.body.reserved_ip.ip}`;
  clock.advance(3000);
  const now = async (): Promise<number | undefined> => (await ask("GET", path)).body.reserved_ip.droplet?.id;
  expect(await now()).toBe(one);
  const act = (body: object) => ask("POST", `${path}/actions`, body);
  for (const [body, status] of [
    [{ type: "assign", droplet_id: far }, 422],
    [{ type: "assign", droplet_id: 1 }, 404],
    [{ type: "hop" }, 422],
  ] as const)
    expect((await act(body)).status).toBe(status);
  const moved = await act({ type: "assign", droplet_id: two });
  expect([moved.status, moved.body.action]).toMatchObject([201, { type: "assign_ip", resource_type: "reserved_ip" }]);
  clock.advance(3000);
  expect(await now()).toBe(two);
  expect((await act({ type: "unassign" })).status).toBe(201);
  expect(await now()).toBe(undefined);
  expect((await act({ type: "unassign" })).status).toBe(422);
  expect((await ask("GET", `${path}/actions`)).body.actions.map((each: Json) => each.type)).toEqual([
    "unassign_ip",
    "assign_ip",
    "assign_ip",
  ]);
  expect((await ask("GET", `${path}/actions/${moved.body.action.id}`)).body.action.status).toBe("completed");
  await act({ type: "assign", droplet_id: two });
  clock.advance(3000);
  await ask("DELETE", `/v2/droplets/${two}`);
  expect(await now()).toBe(undefined);
  expect((await ask("POST", "/v2/reserved_ips", { region: "nyc1" })).body.reserved_ip.region.slug).toBe("nyc1");
  expect(await totalOf(simulator, "/v2/reserved_ips")).toBe(2);
  expect((await ask("POST", "/v2/reserved_ips", { region: "mars" })).status).toBe(422);
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("GET", path)).status).toBe(404);
});

test("an address is reserved in a project, or is in that of its droplet", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const usual = (await ask("GET", "/v2/projects/default")).body.project.id;
  const own = (await ask("POST", "/v2/projects", { name: "own", purpose: "Web Application" })).body.project.id;
  const reserve = async (body: object) => (await ask("POST", "/v2/reserved_ips", body)).body.reserved_ip?.project_id;
  expect(await reserve({ region: "syd1", project_id: own })).toBe(own);
  expect(await reserve({ region: "syd1" })).toBe(usual);
  const droplet_id = await bootedDroplet(simulator);
  await ask("POST", `/v2/projects/${own}/resources`, { resources: [`do:droplet:${droplet_id}`] });
  expect(await reserve({ droplet_id })).toBe(own);
  const none = { region: "syd1", project_id: "00000000-0000-4000-8000-000000000000" };
  expect((await ask("POST", "/v2/reserved_ips", none)).status).toBe(422);
});

test("an attach puts tags on its volume, which are made", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const droplet_id = await bootedDroplet(simulator);
  const volume = { name: "data", region: "syd1", size_gigabytes: 10, tags: ["old"] };
  const path = `/v2/volumes/${(await ask("POST", "/v2/volumes", volume)).body.volume.id}`;
  const attach = (tags: string[]) => ask("POST", `${path}/actions`, { type: "attach", droplet_id, tags });
  expect((await attach(["a b"])).status).toBe(422);
  expect((await attach(["new", "old"])).status).toBe(202);
  expect((await ask("GET", path)).body.volume.tags).toEqual(["old", "new"]);
  expect((await ask("GET", "/v2/tags/new")).body.tag.resources.volumes.count).toBe(1);
});
