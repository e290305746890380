import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

test("the first capitalisation is the canonical one, and the only one that is found", async () => {
  const { call, state } = await testSimulator({ calm: true });
  expect((await call("POST", "/v2/tags", { name: "PROD" })).status).toBe(201);
  const made = await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["prod", "Prod"] });
  expect(made.body.droplet.tags).toEqual(["PROD"]);
  expect(state().tags).toEqual(["PROD"]);
  expect((await call("GET", "/v2/tags/PROD")).body.tag.resources.droplets.count).toBe(1);
  expect((await call("GET", "/v2/tags/prod")).status).toBe(404);
});

test("a bad tag name is a 400 in its own shape", async () => {
  const { call } = await testSimulator();
  for (const name of ["no spaces", "", "x".repeat(256), undefined]) {
    const refused = await call("POST", "/v2/tags", { name });
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body)).toEqual(["error", "messages", "root_causes"]);
    expect(refused.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("whatever is wrong with a tag's body, the 400 has its own shape, and so has an armed one", async () => {
  const { call, arm } = await testSimulator();
  const refusals = [];
  for (const body of ["{", "[]", '"text"', "null"]) refusals.push(await call("POST", "/v2/tags", body));
  await arm({ method: "POST", path: "/v2/tags", kind: "status", status: 400 });
  refusals.push(await call("POST", "/v2/tags", { name: "a" }));
  for (const { status, body } of refusals) {
    expect([status, Object.keys(body)]).toEqual([400, ["error", "messages", "root_causes"]]);
    expect(body.root_causes[0]).toContain(body.error);
  }
});

test("droplets are tagged and untagged by id, and a tag outlives its droplets", async () => {
  const { call, state } = await testSimulator({ calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a"] })).body.droplet;
  await call("POST", "/v2/tags", { name: "b" });
  const resources = { resources: [{ resource_id: String(id), resource_type: "droplet" }] };
  expect((await call("POST", "/v2/tags/b/resources", resources)).status).toBe(204);
  expect(state().droplets[0]?.tags).toEqual(["a", "b"]);
  expect((await call("DELETE", "/v2/tags/a/resources", resources)).status).toBe(204);
  expect((await call("GET", "/v2/droplets?tag_name=a")).body.meta.total).toBe(0);
  expect((await call("GET", "/v2/droplets?tag_name=b")).body.meta.total).toBe(1);
  await call("DELETE", `/v2/droplets/${id}`);
  expect(state().tags).toEqual(["a", "b"]);
  expect((await call("GET", "/v2/tags/b")).body.tag.resources.count).toBe(0);
  expect((await call("POST", "/v2/tags/b/resources", resources)).status).toBe(404);
});

test("a tag counts droplets, volumes and their snapshots, each kind by itself", async () => {
  const { call } = await testSimulator({ calm: true, bootMs: 0 });
  await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a"] });
  const data = { name: "data", region: "syd1", size_gigabytes: 10, tags: ["a"] };
  const { id } = (await call("POST", "/v2/volumes", data)).body.volume;
  await call("POST", `/v2/volumes/${id}/snapshots`, { name: "before", tags: ["a"] });
  expect((await call("GET", "/v2/tags/a")).body.tag.resources).toMatchObject({
    count: 3,
    droplets: { count: 1 },
    volumes: { count: 1, last_tagged_uri: expect.stringContaining(`/v2/volumes/${id}`) },
    volume_snapshots: { count: 1 },
    images: { count: 0 },
  });
  await call("DELETE", "/v2/tags/a");
  expect((await call("GET", `/v2/volumes/${id}`)).body.volume.tags).toEqual([]);
});

test("deleting a tag untags everything", async () => {
  const { call, state } = await testSimulator({ calm: true });
  await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a", "b"] });
  expect((await call("DELETE", "/v2/tags/a")).status).toBe(204);
  expect((await call("DELETE", "/v2/tags/a")).status).toBe(404);
  expect(state()).toMatchObject({ tags: ["b"], droplets: [{ tags: ["b"] }] });
});
