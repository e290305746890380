import { describe, expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, connectScripted, failureOf } from "#test/digitalocean-client.ts";
import { type ScriptedAnswer, startScriptedProvider } from "#test/scripted-provider.ts";
import { limitsWithin } from "./budget.ts";

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

test("the caller's parameters go with every page, and pages are asked for by number", async () => {
  await using it = await connectScripted([
    page(range(1, 200), 450),
    page(range(201, 400), 450),
    page(range(401, 450), 450),
  ]);
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
  await using it = await connectScripted([...moved, page(range(1, 200), 201), page([201], 201)]);
  const listing = await it.client.droplets.list(undefined, call);
  expect(listing.items).toHaveLength(201);
  expect(listing.pages).toBe(2);
  expect(it.provider.requests).toHaveLength(4);
});

test("a listing whose total changes while it is read is read once more, then judged by its last page", async () => {
  // One was destroyed and another one slid into its place: the numbers agree, and droplet 201 is missing.
  const lossy = [page(range(1, 200), 202), page([202], 201)];
  await using it = await connectScripted([...lossy, page(range(1, 200), 201), page([201, 202], 202)]);
  const listing = await it.client.droplets.list(undefined, call);
  expect(listing.items.map(({ id }) => id)).toEqual(range(1, 202));
  expect(it.provider.requests).toHaveLength(4);
});

test.for([
  ["too few", page([1, 2], 3), page([], 3)],
  ["too many", page([1, 2], 1)],
] as const)("%s items, twice: refused", async ([, ...pages]) => {
  await using it = await connectScripted([...pages, ...pages]);
  const error = await failureOf(it.client.droplets.list({ name: "a" }, call));
  expect(error).toMatchObject({ reason: "incomplete_listing", effect: "none", route: "/v2/droplets" });
  expect(it.provider.requests).toHaveLength(2 * pages.length);
});

test("an account of 25,000 droplets is listed", async () => {
  const database = await createTestDatabase();
  const pages = range(1, 125).map((n) => page(range((n - 1) * 200 + 1, n * 200), 25_000));
  const provider = await startScriptedProvider((_, index) => pages[index] ?? { status: 400 });
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db, limits: limitsWithin(9999, 9999) });
  expect((await client.droplets.list(undefined, call)).items).toHaveLength(25_000);
  await provider[Symbol.asyncDispose]();
  await database.close();
});

test("a page that fails fails the listing", async () => {
  await using it = await connectScripted([page(range(1, 200), 201)]);
  expect(await failureOf(it.client.droplets.list(undefined, call))).toMatchObject({ reason: "invalid", status: 400 });
});

const rest = { name: "d", status: "active", region: { slug: "syd1" }, size_slug: "s-1vcpu-1gb", tags: [] };

test("a droplet of which only id and name can be read is listed", async () => {
  const odd = {
    id: 2,
    name: "odd",
    region: null,
    image: null,
    size_slug: 3,
    status: null,
    networks: "none",
    tags: null,
  };
  await using it = await connectScripted([
    { status: 200, body: { droplets: [odd, { id: 3, name: "bare" }], meta: { total: 2 } } },
  ]);
  const { items, unreadable } = await it.client.droplets.list(undefined, call);
  const nothing = {
    status: "unknown",
    region: null,
    size_slug: null,
    image: null,
    public_ipv4: null,
    other_public_ipv4: [],
    tags: [],
  };
  expect(items).toMatchObject([
    { id: 2, name: "odd", ...nothing },
    { id: 3, name: "bare", ...nothing },
  ]);
  expect(unreadable).toEqual([]);
});

test("a droplet that cannot be told apart stops no listing: it is counted, logged, and told of", async () => {
  const droplets = [{ ...rest, id: 1 }, { ...rest, id: 2, name: null }, { ...rest, id: "3" }, null];
  await using it = await connectScripted([{ status: 200, body: { droplets, meta: { total: 4 } } }]);
  const { items, unreadable } = await it.client.droplets.list(undefined, call);
  expect(items.map(({ id }) => id)).toEqual([1]);
  expect(unreadable.map(({ id }) => id)).toEqual([2, undefined, undefined]);
  expect(it.client.logged()).toContain('"count":3');
  expect(it.client.logged()).toContain("droplets.1.name: ");
});

test.for([
  [{ name: "app-1" }, { ...rest, id: 9, name: "app-2" }],
  [{ tag_name: "ours" }, { ...rest, id: 9, tags: ["theirs"] }],
] as const)("of a listing by %o, a droplet that does not match is none of it", async ([filter, stranger]) => {
  const match = { ...rest, id: 1, name: "App-1", tags: ["Ours"] };
  await using it = await connectScripted([{ status: 200, body: { droplets: [match, stranger], meta: { total: 2 } } }]);
  const { items, unreadable } = await it.client.droplets.list(filter, call);
  expect([items.map(({ id }) => id), unreadable.map(({ id }) => id)]).toEqual([[1], [9]]);
});

describe("no total and no page makes a listing read on and on", () => {
  const endless = async (answer: (page: number) => ScriptedAnswer) => {
    const database = await createTestDatabase();
    const provider = await startScriptedProvider((_, index) => answer(index + 1));
    const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db, limits: limitsWithin(9999, 9999) });
    const error = await failureOf(client.droplets.list(undefined, call));
    const asked = provider.requests.length;
    await provider[Symbol.asyncDispose]();
    await database.close();
    return { asked, error };
  };
  const full = (n: number, total: number) => page(range((n - 1) * 200 + 1, n * 200), total);

  test("more than any account holds: one", async () => {
    const { asked, error } = await endless((n) => full(n, 2_000_000_000));
    expect(error).toMatchObject({ reason: "incomplete_listing", effect: "none" });
    expect(error.message).toContain("announces 2000000000 items");
    expect(asked).toBe(1);
  });

  test("pages of 15 MB each, of droplets with many tags: as many as 128 MiB hold", async () => {
    const tags = Array.from({ length: 150 }, () => "n".repeat(500));
    const { asked, error } = await endless((n) => {
      const { status, body } = full(n, 400_000);
      return { status, body: { ...body, droplets: body.droplets.map((it) => ({ ...it, tags })) } };
    });
    expect(error).toMatchObject({ reason: "incomplete_listing", effect: "none" });
    expect(error.message).toContain("its first 9 pages hold more than 128 MiB");
    expect(asked).toBe(9);
  });

  test("a false total with short pages: three, twice", async () => {
    const { asked, error } = await endless((n) => page([n], 100_000));
    expect(error).toMatchObject({ reason: "incomplete_listing", effect: "none" });
    expect(asked).toBe(6);
  });

  test("the same full page over and over: two pages, twice", async () => {
    const { asked, error } = await endless(() => full(1, 100_000));
    expect(error).toMatchObject({ reason: "incomplete_listing" });
    expect(asked).toBe(4);
  });

  test("full pages without an end: three more than were announced, once", async () => {
    const { asked, error } = await endless((n) => full(n, n * 200 + 1));
    expect(error).toMatchObject({ reason: "incomplete_listing" });
    expect(error.message).toContain("goes on after 5 pages");
    expect(asked).toBe(5);
  });

  test.for([
    ["more items than were asked for", page(range(1, 201), 201)],
    ["a total that is no number", { status: 200, body: { droplets: [], meta: { total: "many" } } }],
    ["no total", { status: 200, body: { droplets: [] } }],
    ["no list", { status: 200, body: { droplets: null, meta: { total: 0 } } }],
  ] as const)("%s: refused", async ([, answer]) => {
    const { asked, error } = await endless(() => answer);
    expect([error.reason, asked]).toEqual(["unexpected_answer", 1]);
  });
});

const catalogue = (key: string, items: readonly object[]): ScriptedAnswer => ({
  status: 200,
  body: { [key]: items, meta: { total: items.length } },
});

test("of the catalogue, an item of which little is told is there, and one that cannot be told apart is logged and told of", async () => {
  const region = { slug: "syd1", name: "Sydney", available: true, sizes: [] };
  const image = { id: 7, slug: "a", name: "A", distribution: "Debian" };
  await using it = await connectScripted([
    catalogue("regions", [{ slug: null, name: "?" }, region, { slug: "ams3", sizes: null, name: 3, features: null }]),
    catalogue("images", [image, { ...image, id: null }, { id: 8, name: null, regions: null, min_disk_size: "25" }]),
  ]);
  const regions = await it.client.regions.list(call);
  expect([regions.items, regions.unreadable.length]).toEqual([[region, { slug: "ams3" }], 1]);
  const images = (await it.client.images.list(call)).items;
  expect(images).toMatchObject([image, { id: 8, slug: null, name: "", distribution: "", min_disk_size: null }]);
  expect(it.client.logged()).toContain("regions.0.slug: ");
  expect(it.client.logged()).toContain("images.1.id: ");
  expect(it.provider.requests).toHaveLength(2);
});

const record = { id: 1, type: "A", name: "app", data: "203.0.113.5" };

test("a record needs a name and data only where they say where a hostname leads", async () => {
  const soa = { id: 2, type: "SOA", ttl: 1800 };
  await using it = await connectScripted([catalogue("domain_records", [record, soa])]);
  const { items } = await it.client.domains.records.list("example.com", undefined, call);
  expect(items).toMatchObject([record, { id: 2, type: "SOA", name: "", data: "" }]);
});

test.for(["A", "AAAA", "CNAME", "NS", "DNAME"])(
  "a record of type %s without a name refuses the zone's listing",
  async (type) => {
    await using it = await connectScripted([catalogue("domain_records", [record, { ...record, type, name: null }])]);
    const error = await failureOf(it.client.domains.records.list("example.com", undefined, call));
    expect(error).toMatchObject({ reason: "unexpected_answer", effect: "none" });
    expect(error.message).toContain("domain_records.1.name");
  },
);

test("a record that leads nowhere is left out where it cannot be read; one of no type may lead anywhere", async () => {
  const odd = [
    { ...record, id: null, type: "TXT" },
    { ...record, id: 3, type: "HTTPS", data: { target: "." }, ttl: "soon" },
  ];
  await using it = await connectScripted([
    catalogue("domain_records", [record, ...odd]),
    catalogue("domain_records", [record, { ...record, type: null }]),
  ]);
  const { items, unreadable } = await it.client.domains.records.list("example.com", undefined, call);
  expect([items.map(({ id }) => id), unreadable]).toEqual([[1, 3], []]);
  const refused = await failureOf(it.client.domains.records.list("example.com", undefined, call));
  expect(refused).toMatchObject({ reason: "unexpected_answer" });
});

test.for([
  [{ name: "app.example.com" }, { name: "other" }],
  [{ name: "example.com" }, { name: "app" }],
  [
    { name: "app.example.com", type: "A" },
    { name: "app", type: "AAAA", data: "2001:db8::1" },
  ],
] as const)("records listed by %o: another one refuses the listing", async ([filter, other]) => {
  await using it = await connectScripted([catalogue("domain_records", [{ ...record, ...other }])]);
  const error = await failureOf(it.client.domains.records.list("example.com", filter, call));
  expect(error).toMatchObject({ reason: "unexpected_answer", effect: "none" });
});
