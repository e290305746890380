import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "wait" } as const;
const bare = { id: 7, name: "a", status: "new", region: { slug: "syd1" }, size_slug: "s-1vcpu-1gb" };
const plain = {
  volume_ids: [],
  ...bare,
  region: "syd1",
  disk: null,
  image: null,
  public_ipv4: null,
  other_public_ipv4: [],
  tags: [],
  created_at: null,
};

const told = (ip_address: string, type: string) => ({ ip_address, type, netmask: "255.255.255.0" });

const lacking = [{ ip_address: "10.0.0.5" }, { type: "public" }, {}, told("203.0.113.5", "public")];

test.for([
  ["only what is required", {}, {}],
  ["the empty networks of a create", { networks: { v4: [], v6: [] } }, {}],
  [
    "a private address before the public one",
    { networks: { v4: [told("10.0.0.5", "private"), told("203.0.113.5", "public")] } },
    { public_ipv4: "203.0.113.5" },
  ],
  ["addresses that lack their type or themselves", { networks: { v4: lacking } }, { public_ipv4: "203.0.113.5" }],
  ["no address that is whole", { networks: { v4: lacking.slice(0, 3) } }, {}],
  ["an image without a slug", { image: { id: 12, slug: null } }, { image: "12" }],
  ["an image with one", { image: { id: 12, slug: "ubuntu-24-04-x64" } }, { image: "ubuntu-24-04-x64" }],
  ["a status nobody knows", { status: "hibernating" }, { status: "hibernating" }],
  ["a time", { created_at: "2026-01-02T03:04:05Z" }, { created_at: new Date("2026-01-02T03:04:05Z") }],
  ["no status", { status: null }, { status: "unknown" }],
  ["no region", { region: null }, { region: null }],
  ["a region that is a text", { region: "syd1" }, { region: null }],
  ["no size", { size_slug: undefined }, { size_slug: null }],
  [
    "a size that is told as an object only",
    { size_slug: null, size: { slug: "s-2vcpu-2gb" } },
    { size_slug: "s-2vcpu-2gb" },
  ],
  ["a disk", { disk: 25 }, { disk: 25 }],
  ["no image and no networks", { image: null, networks: null, tags: null }, {}],
  ["networks of another kind", { networks: { v4: { public: "203.0.113.5" } } }, {}],
  ["an address that is none", { networks: { v4: [null, told("localhost", "public")] } }, {}],
  ["a time that is none", { created_at: "yesterday" }, {}],
  ["a time that no database holds", { created_at: "-200000-01-01T00:00:00Z" }, {}],
  ["fields nobody knows", { gpu_info: { count: 8 }, tags: ["a"] }, { tags: ["a"] }],
] as const)("a droplet is understood with %s", async ([, extra, expected]) => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(() => ({ status: 200, body: { droplet: { ...bare, ...extra } } }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect(await client.droplets.get(7, call)).toEqual({ ...plain, ...expected });
});

test("an image given as digits is asked for by its id, any other by its slug", async () => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(() => ({ status: 202, body: { droplet: bare } }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const input = { name: "a", region: "syd1", size: "s-1vcpu-1gb", tags: [] };
  await client.droplets.create({ ...input, image: "12345" }, call);
  await client.droplets.create({ ...input, image: "ubuntu-24-04-x64" }, call);
  const images = provider.requests.map(({ body }) => JSON.parse(body).image);
  expect(images).toEqual([12_345, "ubuntu-24-04-x64"]);
});

test.for<[string, object, string]>([
  ["another id", { id: 999 }, "is not the droplet 7 that was asked for"],
  ["an id that is no number", { id: "7" }, "id"],
  ["an id that JavaScript cannot hold", { id: 2 ** 53 }, "id"],
  ["no name", { name: null }, "name"],
  ["tags that are none", { tags: "a" }, "tags"],
])("a GET that is answered with %s is not believed", async ([, extra, fault]) => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(() => ({ status: 200, body: { droplet: { ...bare, ...extra } } }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.get(7, call));
  expect(error).toMatchObject({ reason: "unexpected_answer", effect: "none" });
  expect(error.message).toContain(fault);
});

test.for<[string, string, object]>([
  ["GET", "another id", { id: 2 }],
  ["PUT", "another id", { id: 2 }],
  ["PUT", "another name", { name: "other" }],
  ["PUT", "another address", { data: "203.0.113.66" }],
  ["POST", "another name", { name: "other" }],
  ["POST", "another address", { data: "203.0.113.66" }],
  ["POST", "another type", { type: "TXT" }],
])("a %s of a record that is answered with %s is not believed", async ([method, , extra]) => {
  const record = { id: 1, type: "A", name: "app", data: "203.0.113.5", ttl: 60 };
  await using database = await createTestDatabase();
  const body = { domain_record: { ...record, ...extra } };
  await using provider = await startScriptedProvider(() => ({ status: method === "POST" ? 201 : 200, body }));
  const { records } = connectDigitalOcean({ baseUrl: provider.url, db: database.db }).domains;
  const input = { type: "A", name: "app", data: "203.0.113.5" };
  const asked = {
    GET: () => records.get("example.com", 1, call),
    PUT: () => records.replace("example.com", 1, input, call),
    POST: () => records.create("example.com", input, call),
  }[method];
  const error = await failureOf(asked!());
  expect(error).toMatchObject({ reason: "unexpected_answer", effect: method === "GET" ? "none" : "unknown" });
});

test("a GET of a zone that is answered with another one is not believed", async () => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(() => ({
    status: 200,
    body: { domain: { name: "other.example" } },
  }));
  const { domains } = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect(await failureOf(domains.get("example.com", call))).toMatchObject({ reason: "unexpected_answer" });
});

test("whatever lies on droplets is understood with fields nobody knows; what is not is left out, and keeps nobody from the rest", async () => {
  await using database = await createTestDatabase();
  const firewalls = [
    { id: "f1", name: "web", droplet_ids: [1], tags: null, x: 1 },
    { id: "f2", droplet_ids: "1" },
  ];
  const load_balancers = [
    { id: "l1", name: "front", droplet_ids: [1, 2], tag: "" },
    { id: "l2", name: null, droplet_ids: [3], tag: "web" },
    { name: "without an id" },
  ];
  await using provider = await startScriptedProvider(({ path }) => ({
    status: 200,
    body: path.startsWith("/v2/firewalls") ? { firewalls, meta: { total: 2 } } : { load_balancers, meta: { total: 3 } },
  }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect((await client.firewalls.list(call)).items).toEqual([{ id: "f1", name: "web", droplet_ids: [1], tags: [] }]);
  expect((await client.loadBalancers.list(call)).items).toEqual([
    { id: "l1", name: "front", droplet_ids: [1, 2], tags: [] },
    // By its tag: those that have it are listed too.
    { id: "l2", name: "", droplet_ids: [], tags: ["web"] },
  ]);
});
