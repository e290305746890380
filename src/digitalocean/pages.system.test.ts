import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { type ScriptedAnswer, startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "wait" } as const;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const page = (ids: readonly number[], total: number) => ({
  status: 200,
  body: {
    droplets: ids.map((id) => ({
      id,
      name: `d-${id}`,
      status: "active",
      region: { slug: "syd1" },
      size_slug: "s-1vcpu-1gb",
    })),
    // A link that must not be followed.
    links: { pages: { next: "http://127.0.0.1:9/v2/droplets?page=2" } },
    meta: { total },
  },
});

async function connect(pages: readonly ScriptedAnswer[]) {
  const database = await createTestDatabase();
  const provider = await startScriptedProvider(
    (_, index) => pages[index] ?? { status: 400, body: { id: "bad_request", message: "No." } },
  );
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const close = async () => {
    await provider[Symbol.asyncDispose]();
    await database.close();
  };
  return { client, provider, [Symbol.asyncDispose]: close };
}

test("the caller's parameters go with every page, and pages are asked for by number", async () => {
  await using it = await connect([page(range(1, 200), 450), page(range(201, 400), 450), page(range(401, 450), 450)]);
  const before = Date.now();
  const listing = await it.client.droplets.list({ tag_name: "managed-by-arcadia-cloud" }, call);
  expect(listing.items.map(({ id }) => id)).toEqual(range(1, 450));
  expect(listing.pages).toBe(3);
  expect(listing.begunAt.getTime()).toBeGreaterThanOrEqual(before);
  expect(it.provider.requests.map(({ path }) => path)).toEqual(
    [1, 2, 3].map((n) => `/v2/droplets?tag_name=managed-by-arcadia-cloud&page=${n}&per_page=200`),
  );
});

test("a droplet that slid onto the next page counts once, and the listing is read again", async () => {
  const moved = [page(range(1, 200), 201), page([200], 201)];
  await using it = await connect([...moved, page(range(1, 200), 201), page([201], 201)]);
  const listing = await it.client.droplets.list(undefined, call);
  expect(listing.items).toHaveLength(201);
  expect(listing.pages).toBe(2);
  expect(it.provider.requests).toHaveLength(4);
});

test("a listing whose total changes while it is read is read once more, then judged by its last page", async () => {
  // One was destroyed and another one slid into its place: the numbers agree, and droplet 201 is missing.
  const lossy = [page(range(1, 200), 202), page([202], 201)];
  await using it = await connect([...lossy, page(range(1, 200), 201), page([201, 202], 202)]);
  const listing = await it.client.droplets.list(undefined, call);
  expect(listing.items.map(({ id }) => id)).toEqual(range(1, 202));
  expect(it.provider.requests).toHaveLength(4);
});

test.for([
  ["too few", page([1, 2], 3), page([], 3)],
  ["too many", page([1, 2], 1)],
] as const)("%s items, twice: refused", async ([, ...pages]) => {
  await using it = await connect([...pages, ...pages]);
  const error = await failureOf(it.client.droplets.list({ name: "a" }, call));
  expect(error).toMatchObject({ reason: "incomplete_listing", effect: "none", route: "/v2/droplets" });
  expect(it.provider.requests).toHaveLength(2 * pages.length);
});

test("a page that fails fails the listing", async () => {
  await using it = await connect([page(range(1, 200), 201)]);
  expect(await failureOf(it.client.droplets.list(undefined, call))).toMatchObject({ reason: "invalid", status: 400 });
});

test("an item that lacks something required is named by its place", async () => {
  const { body } = page([1, 2], 2);
  const droplets = body.droplets.map((it) => (it.id === 2 ? { ...it, size_slug: undefined } : it));
  await using it = await connect([{ status: 200, body: { ...body, droplets } }]);
  const error = await failureOf(it.client.droplets.list(undefined, call));
  expect(error).toMatchObject({ reason: "unexpected_answer" });
  expect(error.message).toContain("droplets.1.size_slug");
});

const catalogue = (key: string, items: readonly object[]): ScriptedAnswer => ({
  status: 200,
  body: { [key]: items, meta: { total: items.length } },
});

test("of the catalogue, where absence means nothing, an item that is not understood is left out and logged", async () => {
  const region = { slug: "syd1", name: "Sydney", available: true, sizes: [] };
  const image = { id: 7, slug: "a", name: "A", distribution: "Debian" };
  await using it = await connect([
    catalogue("regions", [{ ...region, sizes: null, name: 3 }, region]),
    catalogue("images", [image, { ...image, id: null }, { id: 8, name: null }]),
  ]);
  expect((await it.client.regions.list(call)).items).toEqual([region]);
  const images = (await it.client.images.list(call)).items;
  expect(images).toMatchObject([image, { id: 8, slug: null, name: "", distribution: "" }]);
  expect(it.client.logged()).toContain("regions.0.name: ");
  expect(it.client.logged()).toContain("images.1.id: ");
  expect(it.provider.requests).toHaveLength(2);
});

const record = { id: 1, type: "A", name: "app", data: "203.0.113.5" };

test("a record needs a name and data only where they say where a hostname leads", async () => {
  const soa = { id: 2, type: "SOA", ttl: 1800 };
  await using it = await connect([catalogue("domain_records", [record, soa])]);
  const { items } = await it.client.domains.records.list("example.com", undefined, call);
  expect(items).toMatchObject([record, { id: 2, type: "SOA", name: "", data: "" }]);
});

test.for(["A", "AAAA", "CNAME"])("a record of type %s without a name refuses the zone's listing", async (type) => {
  await using it = await connect([catalogue("domain_records", [record, { ...record, type, name: null }])]);
  const error = await failureOf(it.client.domains.records.list("example.com", undefined, call));
  expect(error).toMatchObject({ reason: "unexpected_answer", effect: "none" });
  expect(error.message).toContain("domain_records.1.name");
});
