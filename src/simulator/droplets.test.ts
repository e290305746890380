import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

const droplet = smallDroplet;

test("a droplet boots: new without networks, then active with a public and a private address", async () => {
  const { call, clock, state } = await testSimulator({ calm: true, bootMs: 3000 });
  const created = await call("POST", "/v2/droplets", { ...droplet, tags: ["a", "b"] });
  expect(created.status).toBe(202);
  expect(created.body.droplet).toMatchObject({ status: "new", networks: { v4: [], v6: [] }, size_slug: droplet.size });
  const { id } = created.body.droplet;
  const action = created.body.links.actions[0];
  expect(action).toMatchObject({ rel: "create" });
  expect((await call("GET", `/v2/actions/${action.id}`)).body.action).toMatchObject({ status: "in-progress" });

  clock.advance(2999);
  expect((await call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("new");
  clock.advance(1);
  const active = (await call("GET", `/v2/droplets/${id}`)).body.droplet;
  expect(active).toMatchObject({ status: "active", tags: ["a", "b"], locked: false });
  expect(active.networks.v4.map((each: { type: string }) => each.type)).toEqual(["public", "private"]);
  expect((await call("GET", `/v2/actions/${action.id}`)).body.action.status).toBe("completed");
  expect(state().droplets).toMatchObject([{ id, status: "active", public_ipv4: active.networks.v4[0].ip_address }]);
});

test("a create is answered with what is not there yet, however fast the boot", async () => {
  const { call } = await testSimulator({ bootMs: 0, lagMs: 0 });
  const { droplet: made } = (await call("POST", "/v2/droplets", { ...droplet, tags: ["a"] })).body;
  expect(made).toMatchObject({ status: "new", locked: false, networks: { v4: [], v6: [] }, tags: ["a"] });
  expect((await call("GET", `/v2/droplets/${made.id}`)).body.droplet.status).toBe("active");
});

test("calm, nothing is locked while it is new", async () => {
  const { call } = await testSimulator({ calm: true });
  for (let made = 0; made < 10; made += 1) await call("POST", "/v2/droplets", droplet);
  const { droplets } = (await call("GET", "/v2/droplets")).body;
  expect(droplets.map((each: { locked: boolean }) => each.locked)).toEqual(Array.from({ length: 10 }, () => false));
});

test("an id is digits, and nothing else that a number can be written as", async () => {
  const { call } = await testSimulator({ calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", droplet)).body.droplet;
  await call("POST", "/v2/tags", { name: "a" });
  for (const other of [`0x${id.toString(16)}`, `${id}.0`, `%20${id}`, `+${id}`, `${id / 10}e1`]) {
    expect((await call("GET", `/v2/droplets/${other}`)).status).toBe(404);
    const resources = [{ resource_id: decodeURIComponent(other), resource_type: "droplet" }];
    expect((await call("POST", "/v2/tags/a/resources", { resources })).status).toBe(404);
  }
  expect((await call("GET", `/v2/droplets/${id}`)).status).toBe(200);
});

test("the same POST twice makes two droplets, also with the same name", async () => {
  const { call, state } = await testSimulator({ calm: true });
  await call("POST", "/v2/droplets", droplet);
  await call("POST", "/v2/droplets", droplet);
  expect(state().droplets.map((each) => each.name)).toEqual(["web-1", "web-1"]);
  expect((await call("GET", "/v2/droplets?name=WEB-1")).body.meta.total).toBe(2);
  expect((await call("GET", "/v2/droplets?name=web")).body.meta.total).toBe(0);
});

test("ten names are one call, eleven are refused, and all of them share the tags", async () => {
  const { call, state } = await testSimulator({ calm: true });
  const names = Array.from({ length: 11 }, (_, index) => `web-${index}`);
  const { name: _, ...rest } = droplet;
  expect((await call("POST", "/v2/droplets", { ...rest, names })).status).toBe(422);
  const made = await call("POST", "/v2/droplets", { ...rest, names: names.slice(1), tags: ["fleet"] });
  expect(made.body.droplets).toHaveLength(10);
  expect(made.body.links.actions).toHaveLength(10);
  expect(state().droplets.every((each) => each.tags.includes("fleet"))).toBe(true);
});

test.each([
  ["no name", { name: undefined }, "Droplet must have a name"],
  ["a bad name", { name: "under_score" }, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"],
  ["a name that is too long", { name: "a".repeat(256) }, "Name is too long (maximum is 255 characters)"],
  ["name and names", { names: ["web-2"] }, "Send either name or names, not both."],
  ["an unknown size", { size: "s-0vcpu" }, "You specified an invalid size for Droplet creation."],
  ["an unknown region", { region: "mars1" }, "Region is not available"],
  ["a size that the region has not", { size: "c-2" }, "Size is not available in this region."],
  ["an unknown image", { image: "templeos-5" }, "You specified an invalid image for Droplet creation."],
  ["an unknown image id", { image: 1 }, "You specified an invalid image for Droplet creation."],
  ["a bad tag", { tags: ["no spaces"] }, 'Tag "no spaces" contains invalid characters'],
  ["too much user data", { user_data: "x".repeat(65_537) }, "User data must be at most 64 KiB."],
  ["ipv6 that is no boolean", { ipv6: "yes" }, "ipv6: Invalid input: expected boolean, received string"],
])("%s is a 422, and nothing is made", async (_, change, message) => {
  const { call, state } = await testSimulator({ calm: true });
  const refused = await call("POST", "/v2/droplets", { ...droplet, ...change });
  expect([refused.status, refused.body.id, refused.body.message]).toEqual([422, "unprocessable_entity", message]);
  expect(state()).toMatchObject({ droplets: [], tags: [], created_total: 0 });
});

test("the image may be an id, and the region may be left out", async () => {
  const { call } = await testSimulator({ calm: true });
  const [image] = (await call("GET", "/v2/images")).body.images;
  const made = await call("POST", "/v2/droplets", { name: "web-1", size: droplet.size, image: image.id });
  expect(made.body.droplet.image.slug).toBe(image.slug);
});

test("the droplet limit counts what is live", async () => {
  const { call } = await testSimulator({ calm: true, dropletLimit: 1, bootMs: 0 });
  const first = await call("POST", "/v2/droplets", droplet);
  const refused = await call("POST", "/v2/droplets", droplet);
  expect([refused.status, refused.body.message]).toEqual([
    422,
    "creating this/these droplet(s) will exceed your droplet limit",
  ]);
  expect((await call("GET", "/v2/account")).body.account.droplet_limit).toBe(1);
  await call("DELETE", `/v2/droplets/${first.body.droplet.id}`);
  expect((await call("POST", "/v2/droplets", droplet)).status).toBe(202);
});

test("a deleted droplet is gone, and its address goes to the next one", async () => {
  const { call, state } = await testSimulator({ calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", droplet)).body.droplet;
  const address = state().droplets[0]?.public_ipv4;
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  for (const method of ["GET", "DELETE"]) expect((await call(method, `/v2/droplets/${id}`)).status).toBe(404);
  await call("POST", "/v2/droplets", droplet);
  expect(state()).toMatchObject({ created_total: 2, destroyed_total: 1, droplets: [{ public_ipv4: address }] });
});

test("deleting by tag takes all that carry it, and 404s on an unknown tag", async () => {
  const { call, state } = await testSimulator({ calm: true });
  await call("POST", "/v2/droplets", { ...droplet, tags: ["gone"] });
  await call("POST", "/v2/droplets", { ...droplet, tags: ["stays"] });
  expect((await call("DELETE", "/v2/droplets?tag_name=unknown")).status).toBe(404);
  expect((await call("DELETE", "/v2/droplets?tag_name=gone")).status).toBe(204);
  expect(state().droplets.map((each) => each.tags)).toEqual([["stays"]]);
});

test("a tag filter goes with no other, and an unknown tag lists nothing", async () => {
  const { call } = await testSimulator({ calm: true });
  expect((await call("GET", "/v2/droplets?tag_name=a&name=b")).status).toBe(422);
  expect((await call("GET", "/v2/droplets?tag_name=unknown")).body).toEqual({
    droplets: [],
    links: {},
    meta: { total: 0 },
  });
});
