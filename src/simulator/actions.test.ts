import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

test("one action at a time: another one, and a DELETE, are refused until it has ended", async () => {
  const { call, clock } = await testSimulator({ calm: true, bootMs: 1000 });
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  const act = (body: object) => call("POST", `/v2/droplets/${id}/actions`, body);
  const pending = await act({ type: "reboot" });
  expect([pending.status, pending.body.message]).toEqual([422, "Droplet already has a pending event."]);
  clock.advance(1000);
  const off = await act({ type: "power_off" });
  expect([off.status, off.body.action]).toMatchObject([
    201,
    { status: "in-progress", resource_id: id, type: "power_off" },
  ]);
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(422);
  clock.advance(1000);
  const path = `/v2/droplets/${id}/actions/${off.body.action.id}`;
  expect((await call("GET", path)).body.action).toMatchObject({
    status: "completed",
    completed_at: expect.any(String),
  });
  expect((await call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("off");
  const { actions } = (await call("GET", `/v2/droplets/${id}/actions`)).body;
  expect(actions.map((each: { type: string }) => each.type)).toEqual(["power_off", "create"]);
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
});

test("resize, rebuild and rename take hold when they have completed", async () => {
  const { call, clock } = await testSimulator({ calm: true, bootMs: 1000 });
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  const changes = [
    { type: "power_off" },
    { type: "resize", size: "s-2vcpu-4gb" },
    { type: "rebuild", image: "debian-12-x64" },
    { type: "rename", name: "web-9" },
  ];
  for (const change of changes) {
    clock.advance(1000);
    expect((await call("POST", `/v2/droplets/${id}/actions`, change)).status).toBe(201);
  }
  expect((await call("GET", `/v2/droplets/${id}`)).body.droplet.name).toBe("web-1");
  clock.advance(1000);
  const { droplet } = (await call("GET", `/v2/droplets/${id}`)).body;
  expect(droplet).toMatchObject({
    size_slug: "s-2vcpu-4gb",
    memory: 4096,
    status: "active",
    image: { slug: "debian-12-x64" },
    name: "web-9",
  });
});

test("an action outlives its droplet", async () => {
  const { call } = await testSimulator({ calm: true, bootMs: 0 });
  const made = (await call("POST", "/v2/droplets", smallDroplet)).body;
  const off = await call("POST", `/v2/droplets/${made.droplet.id}/actions`, { type: "power_off" });
  await call("DELETE", `/v2/droplets/${made.droplet.id}`);
  expect((await call("GET", "/v2/droplets")).body.droplets).toEqual([]);
  expect((await call("GET", `/v2/droplets/${made.droplet.id}/actions`)).status).toBe(404);
  for (const id of [made.links.actions[0].id, off.body.action.id])
    expect((await call("GET", `/v2/actions/${id}`)).body.action).toMatchObject({ id, status: "completed" });
});

const rename = (name: unknown) => ({ type: "rename", name });

test("a bad action is a 422, an unknown one a 404", async () => {
  const { call } = await testSimulator({ calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  for (const body of [
    {},
    { type: "explode" },
    { type: "resize", size: "none" },
    rename("under_score"),
    rename("a".repeat(256)),
    rename(7),
  ])
    expect((await call("POST", `/v2/droplets/${id}/actions`, body)).status).toBe(422);
  expect((await call("GET", "/v2/actions/1")).status).toBe(404);
  expect((await call("GET", `/v2/droplets/${id}/actions/1`)).status).toBe(404);
});
