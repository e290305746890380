import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean } from "#test/digitalocean-client.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "wait" } as const;
const bare = { id: 7, name: "a", status: "new", region: { slug: "syd1" }, size_slug: "s-1vcpu-1gb" };
const plain = { ...bare, region: "syd1", image: null, public_ipv4: null, tags: [], created_at: null };

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
