import { expect, test } from "vitest";
import { type Json, smallDroplet, testSimulator } from "#test/test-simulator.ts";

const lagMs = 1500;
const unfriendly = { lagMs, getLagMs: lagMs, bootMs: 3000, rateLimits: "off" } as const;
const many = Array.from({ length: 40 }, (_, index) => ({ ...smallDroplet, name: `web-${index}`, tags: ["late"] }));

test("a fresh droplet is missing at first, by id and in lists, and shows up within the lag", async () => {
  const { call, clock, state } = await testSimulator(unfriendly);
  const made = await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  const ids = made.map((each) => each.body.droplet.id);
  const found = async (): Promise<number> => {
    const answers = await Promise.all(ids.map((id) => call("GET", `/v2/droplets/${id}`)));
    return answers.filter((each) => each.status === 200).length;
  };
  const listed = async (): Promise<number> => (await call("GET", "/v2/droplets")).body.meta.total;

  clock.advance(lagMs / 2);
  for (const count of [await found(), await listed()]) {
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(many.length);
  }
  expect(state().droplets).toHaveLength(many.length);
  clock.advance(lagMs / 2);
  expect([await found(), await listed()]).toEqual([many.length, many.length]);
});

test("tags given at the create appear later than the droplet", async () => {
  const { call, clock } = await testSimulator(unfriendly);
  await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  clock.advance(lagMs / 2);
  const all = (await call("GET", "/v2/droplets?per_page=200")).body.droplets;
  const untagged = all.filter((each: { tags: string[] }) => each.tags.length === 0).length;
  const tagged = (await call("GET", "/v2/droplets?tag_name=late")).body.meta.total;
  expect(untagged).toBeGreaterThan(0);
  expect(tagged).toBe(all.length - untagged);
  clock.advance(lagMs / 2);
  expect((await call("GET", "/v2/droplets?tag_name=late")).body.meta.total).toBe(many.length);
});

test("`active` comes before the public address, and the private one is listed first", async () => {
  const { call, clock } = await testSimulator(unfriendly);
  await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  const types = async (): Promise<string[]> => {
    const { droplets } = (await call("GET", "/v2/droplets?per_page=200")).body;
    expect(droplets.every((each: { status: string }) => each.status === "active")).toBe(true);
    return droplets.map(({ networks }: Json) => networks.v4.map((each: { type: string }) => each.type).join());
  };
  clock.advance(unfriendly.bootMs + 700);
  expect(new Set(await types())).toEqual(new Set(["private", "private,public"]));
  clock.advance(lagMs);
  expect(new Set(await types())).toEqual(new Set(["private,public"]));
});

test("`locked` says nothing of whether a droplet is ready", async () => {
  const { call, clock } = await testSimulator(unfriendly);
  const made = await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  expect(made.every((each) => each.body.droplet.locked === false)).toBe(true);
  const locked = async (): Promise<Set<string>> => {
    const { droplets } = (await call("GET", "/v2/droplets?per_page=200")).body;
    return new Set(droplets.map((each: Json) => `${each.status} ${each.locked}`));
  };
  clock.advance(lagMs);
  expect(await locked()).toEqual(new Set(["new true", "new false"]));
  clock.advance(unfriendly.bootMs - lagMs);
  expect(await locked()).toEqual(new Set(["active true", "active false"]));
  clock.advance(lagMs);
  expect(await locked()).toEqual(new Set(["active false"]));
});

test("a DELETE while `new` works, is refused, or does nothing; once active it works", async () => {
  const { call, clock, state } = await testSimulator(unfriendly);
  const made = await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  clock.advance(lagMs);
  const removed = await Promise.all(made.map((each) => call("DELETE", `/v2/droplets/${each.body.droplet.id}`)));
  const refused = removed.filter((each) => each.status === 422).length;
  const answered = removed.filter((each) => each.status === 204).length;
  const left = state().droplets.length;
  expect(refused).toBeGreaterThan(0);
  expect(left).toBeGreaterThan(refused);
  expect(left).toBeLessThan(many.length);
  expect(refused + answered).toBe(many.length);

  clock.advance(unfriendly.bootMs);
  const again = await Promise.all(state().droplets.map(({ id }) => call("DELETE", `/v2/droplets/${id}`)));
  expect(again.every((each) => each.status === 204)).toBe(true);
  expect(state()).toMatchObject({ droplets: [], created_total: many.length, destroyed_total: many.length });
});

test("a deleted droplet stays visible for up to the lag", async () => {
  const { call, clock } = await testSimulator({ ...unfriendly, bootMs: 0 });
  const made = await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
  clock.advance(lagMs);
  await Promise.all(made.map((each) => call("DELETE", `/v2/droplets/${each.body.droplet.id}`)));
  expect((await call("GET", "/v2/droplets")).body.meta.total).toBeGreaterThan(0);
  clock.advance(lagMs);
  expect((await call("GET", "/v2/droplets")).body.meta.total).toBe(0);
  expect((await call("GET", "/v2/tags/late")).body.tag.resources.count).toBe(0);
});

test("record lists lag after a create; the record itself is there at once", async () => {
  const { call, clock } = await testSimulator(unfriendly);
  const path = "/v2/domains/example.com/records";
  const bodies = many.map(({ name }) => ({ type: "A", name, data: "192.0.2.1" }));
  const made = await Promise.all(bodies.map((body) => call("POST", path, body)));
  const total = async (): Promise<number> => (await call("GET", `${path}?type=A`)).body.meta.total;
  expect(await total()).toBeLessThan(many.length);
  for (const each of made) expect((await call("GET", `${path}/${each.body.domain_record.id}`)).status).toBe(200);
  clock.advance(lagMs);
  expect(await total()).toBe(many.length);
});

test("the same seed and the same calls give the same account; another seed another one", async () => {
  const history = async (seed: number): Promise<unknown> => {
    const { call, clock, state } = await testSimulator({ ...unfriendly, seed });
    for (const each of many.slice(0, 8)) await call("POST", "/v2/droplets", each);
    clock.advance(lagMs / 2);
    const { body, headers } = await call("GET", "/v2/droplets");
    const account = (await call("GET", "/v2/account")).body;
    const ids = body.droplets.map((each: { id: number }) => each.id);
    return { ids, state: state(), account, request: headers.get("x-request-id") };
  };
  expect(await history(1)).toEqual(await history(1));
  expect(await history(1)).not.toEqual(await history(2));
});

test("a fresh droplet is found at once while lists lag, unless GET is told to lag too", async () => {
  const { call, clock } = await testSimulator({ rateLimits: "off", bootMs: 3000 });
  const create = async (): Promise<number[]> => {
    const made = await Promise.all(many.map((each) => call("POST", "/v2/droplets", each)));
    return made.map((each) => each.body.droplet.id);
  };
  const found = async (ids: number[]): Promise<number> => {
    const answers = await Promise.all(ids.map((id) => call("GET", `/v2/droplets/${id}`)));
    return answers.filter((each) => each.status === 200).length;
  };
  const ids = await create();
  expect(await found(ids)).toBe(many.length);
  expect((await call("GET", "/v2/droplets")).body.meta.total).toBe(0);

  const changed = await call("PATCH", "/_sim/settings", { get_lag_ms: 1000 });
  expect([changed.status, changed.body]).toEqual([
    200,
    { boot_ms: 3000, lag_ms: 1500, get_lag_ms: 1000, app_start_ms: 500 },
  ]);
  const later = await create();
  clock.advance(500);
  const half = await found(later);
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(many.length);
  clock.advance(500);
  expect(await found(later)).toBe(many.length);
});

test("settings are times and nothing else, and a reset brings back those of the start", async () => {
  const { call } = await testSimulator({ lagMs: 700, getLagMs: 600, bootMs: 500 });
  const start = { boot_ms: 500, lag_ms: 700, get_lag_ms: 600, app_start_ms: 500 };
  expect((await call("GET", "/_sim/settings")).body).toEqual(start);
  for (const body of [{ lag_ms: -1 }, { lag_ms: 1.5 }, { lag_ms: "1" }, { lagMs: 1 }, []])
    expect((await call("PATCH", "/_sim/settings", body)).status).toBe(422);
  expect((await call("PATCH", "/_sim/settings", "{")).status).toBe(400);
  await call("PATCH", "/_sim/settings", { boot_ms: 0, lag_ms: 0 });
  expect((await call("GET", "/_sim/settings")).body).toEqual({
    boot_ms: 0,
    lag_ms: 0,
    get_lag_ms: 600,
    app_start_ms: 500,
  });
  await call("POST", "/_sim/reset");
  expect((await call("GET", "/_sim/settings")).body).toEqual(start);
});
