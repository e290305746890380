import { expect, test } from "vitest";
import { type Json, smallDroplet, testSimulator } from "#test/test-simulator.ts";

const uuid = "760e09ef-dc84-41e8-981e-3cfdfeaae000";
const calm = { calm: true, bootMs: 0 } as const;

test.each<[string, Json, number, string]>([
  ["an unknown key id", { ssh_keys: [1] }, 422, "1 are invalid key identifiers for Droplet creation."],
  [
    "unknown keys",
    { ssh_keys: ["1", 512189, "ab:cd"] },
    422,
    "1, ab:cd are invalid key identifiers for Droplet creation.",
  ],
  ["a key by its name", { ssh_keys: ["operator"] }, 422, "operator are invalid key identifiers for Droplet creation."],
  ["an unknown VPC", { vpc_uuid: uuid }, 404, "The resource you were accessing could not be found."],
  ["a VPC that is no UUID", { vpc_uuid: "default-syd1" }, 422, "vpc_uuid is not a valid UUID"],
  ["an unknown volume", { volumes: [uuid] }, 404, "The resource you were accessing could not be found."],
  ["a region by half its prefix", { region: "sy" }, 422, "Region is not available"],
  ["a region with too much", { region: "syd1a" }, 422, "Region is not available"],
  ["a prefix where the size is not sold", { region: "syd", size: "c-2" }, 422, "Size is not available in this region."],
  ["a policy without backups", { backup_policy: { plan: "daily" } }, 422, "backup_policy needs backups to be true"],
  [
    "a bad hour",
    { backups: true, backup_policy: { plan: "daily", hour: 3 } },
    422,
    "Backup policy hour must be one of 0, 4, 8, 12, 16, 20",
  ],
  [
    "a weekday of a daily plan",
    { backups: true, backup_policy: { plan: "daily", weekday: "SUN" } },
    422,
    "A daily backup policy has no weekday",
  ],
  [
    "IPv6 without a public network",
    { public_networking: false, ipv6: true },
    422,
    "ipv6 must be false when public_networking is false",
  ],
  ["an empty list of names", { name: undefined, names: [] }, 422, "Droplet must have a name"],
  [
    "a bad name among names",
    { name: undefined, names: ["a", "b_c"] },
    422,
    "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
  ],
])("a create with %s is refused, and nothing is made", async (_, change, status, message) => {
  const { call, state } = await testSimulator(calm);
  const refused = await call("POST", "/v2/droplets", { ...smallDroplet, ...change });
  expect([refused.status, refused.body.message]).toEqual([status, message]);
  expect(state()).toMatchObject({ droplets: [], created_total: 0 });
});

test.each([
  ["nothing", undefined, undefined, "nyc1"],
  ["null", null, undefined, "nyc1"],
  ["an empty text", "", undefined, "nyc1"],
  ["a prefix", "fra", undefined, "fra1"],
  ["a prefix of several", "nyc", "c-2", "nyc1"],
  ["the region itself", "nyc3", undefined, "nyc3"],
])("a region of %s takes one that there is", async (_, region, size, taken) => {
  const { call } = await testSimulator(calm);
  const made = await call("POST", "/v2/droplets", { ...smallDroplet, region, ...(size && { size }) });
  expect([made.status, made.body.droplet?.region.slug]).toEqual([202, taken]);
});

test("keys are taken by id, its digits, or fingerprint", async () => {
  const { call } = await testSimulator(calm);
  const [key] = (await call("GET", "/v2/account/keys")).body.ssh_keys;
  const ssh_keys = [key.id, String(key.id), key.fingerprint];
  expect((await call("POST", "/v2/droplets", { ...smallDroplet, ssh_keys })).status).toBe(202);
});

test("a droplet is in its region's default VPC, or in the one that was named there", async () => {
  const { call } = await testSimulator(calm);
  const { vpcs } = (await call("GET", "/v2/vpcs")).body;
  const inRegion = vpcs.find((each: Json) => each.region === "syd1");
  expect(inRegion).toMatchObject({ default: true, name: "default-syd1" });
  expect((await call("POST", "/v2/droplets", smallDroplet)).body.droplet.vpc_uuid).toBe(inRegion.id);
  const own = (await call("POST", "/v2/vpcs", { name: "own", region: "syd1", ip_range: "10.200.0.0/24" })).body.vpc;
  const made = (await call("POST", "/v2/droplets", { ...smallDroplet, vpc_uuid: own.id })).body.droplet;
  expect(made.vpc_uuid).toBe(own.id);
  expect((await call("GET", `/v2/vpcs/${own.id}/members`)).body.members).toMatchObject([
    { urn: `do:droplet:${made.id}` },
  ]);
  const elsewhere = await call("POST", "/v2/droplets", { ...smallDroplet, region: "nyc1", vpc_uuid: own.id });
  expect([elsewhere.status, elsewhere.body.message]).toEqual([422, "The VPC is in another region than the Droplet."]);
});

test("the switches of a create show in the droplet", async () => {
  const { call } = await testSimulator(calm);
  const features = async (more: object): Promise<string[]> =>
    (await call("POST", "/v2/droplets", { ...smallDroplet, ...more })).body.droplet.features;
  expect(await features({})).toEqual(["droplet_agent", "private_networking"]);
  expect(await features({ with_droplet_agent: false, monitoring: true })).toEqual(["private_networking", "monitoring"]);
  const hidden = (await call("POST", "/v2/droplets", { ...smallDroplet, public_networking: false })).body.droplet;
  const { networks } = (await call("GET", `/v2/droplets/${hidden.id}`)).body.droplet;
  expect(networks).toMatchObject({ v4: [{ type: "private" }], v6: [] });
});

test("enable_ipv6 gives an address, and none where there is no public network", async () => {
  const { call } = await testSimulator(calm);
  const make = async (more: object): Promise<string> =>
    `/v2/droplets/${(await call("POST", "/v2/droplets", { ...smallDroplet, ...more })).body.droplet.id}`;
  const [open, hidden] = [await make({}), await make({ public_networking: false })];
  expect((await call("GET", open)).body.droplet.networks.v6).toEqual([]);
  expect((await call("POST", `${open}/actions`, { type: "enable_ipv6" })).status).toBe(201);
  const { droplet } = (await call("GET", open)).body;
  expect(droplet.networks.v6).toMatchObject([{ type: "public", netmask: 64 }]);
  expect(droplet.features).toContain("ipv6");
  expect((await call("POST", `${hidden}/actions`, { type: "enable_ipv6" })).status).toBe(422);
  for (const type of ["change_kernel", "enable_private_networking", "change_backup_policy", "toString"])
    expect((await call("POST", `${open}/actions`, { type, kernel: 1 })).status).toBe(422);
});
