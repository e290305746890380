import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

const tagged = async (count: number) => {
  const simulator = await testSimulator({ calm: true, rateLimits: "off" });
  const { name: _name, ...rest } = smallDroplet;
  for (let made = 0; made < count; made += 10) {
    const names = Array.from({ length: Math.min(10, count - made) }, (_, index) => `web-${made + index}`);
    await simulator.call("POST", "/v2/droplets", { ...rest, names, tags: ["fleet:prod"] });
  }
  return simulator;
};

test("20 a page unless asked, and only the links that make sense, filters included", async () => {
  const { call, url } = await tagged(45);
  const list = async (query: string) => (await call("GET", `/v2/droplets?${query}`)).body;
  const link = (page: number): string => `${url}/v2/droplets?tag_name=fleet%3Aprod&page=${page}&per_page=20`;
  const first = await list("tag_name=fleet:prod");
  expect(first.droplets).toHaveLength(20);
  expect([first.meta, first.links.pages]).toEqual([{ total: 45 }, { next: link(2), last: link(3) }]);
  const second = await list("tag_name=fleet:prod&page=2");
  expect(second.links.pages).toEqual({ first: link(1), prev: link(1), next: link(3), last: link(3) });
  const third = await list("tag_name=fleet:prod&page=3");
  expect([third.droplets.length, third.links.pages]).toEqual([5, { first: link(1), prev: link(2) }]);
  const beyond = await list("tag_name=fleet:prod&page=9");
  expect([beyond.droplets, beyond.meta.total]).toEqual([[], 45]);
  expect((await list("per_page=45")).links).toEqual({});
});

test("never more than 200 a page, and nothing twice or missing", async () => {
  const { call } = await tagged(210);
  const ids = new Set<number>();
  for (const page of [1, 2]) {
    const { body } = await call("GET", `/v2/droplets?per_page=500&page=${page}`);
    expect(body.droplets).toHaveLength(page === 1 ? 200 : 10);
    for (const { id } of body.droplets) ids.add(id);
  }
  expect(ids.size).toBe(210);
});

test.each(["page=0", "page=-1", "per_page=0", "per_page=many", "page=1.5"])("%s is a 422", async (query) => {
  const { call } = await testSimulator();
  expect((await call("GET", `/v2/sizes?${query}`)).status).toBe(422);
});

test("the catalogue: sizes, regions and images, and filters that leave no image", async () => {
  const { call } = await testSimulator();
  const all = async (key: string) => (await call("GET", `/v2/${key}?per_page=200`)).body[key];
  const slugs = async (key: string): Promise<string[]> => (await all(key)).map((each: { slug: string }) => each.slug);
  expect(await slugs("regions")).toContain("syd1");
  expect(await slugs("images")).toContain("ubuntu-24-04-x64");
  const size = (await all("sizes")).find((each: { slug: string }) => each.slug === "s-1vcpu-512mb-10gb");
  expect(size).toMatchObject({ price_monthly: 4, price_hourly: 0.00595 });
  expect(size.regions).toContain("syd1");
  expect((await call("GET", "/v2/images?type=distribution")).body.meta.total).toBeGreaterThan(0);
  for (const filter of ["private=true", "type=application"])
    expect((await call("GET", `/v2/images?${filter}`)).body.images).toEqual([]);
});
