import { expect, test } from "vitest";
import { bootedDroplet, checkedSimulator, totalOf } from "#test/checked-simulator.ts";
import { type Json, smallDroplet } from "#test/test-simulator.ts";

const missing = "760e09ef-dc84-41e8-981e-3cfdfeaae000";

test("volumes: a name once in a region, attached to one droplet at a time, growing only, deleted when free", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const body = { name: "data", region: "syd1", size_gigabytes: 10, filesystem_type: "ext4", tags: ["keep"] };
  const made = await ask("POST", "/v2/volumes", body);
  expect([made.status, made.body.volume]).toMatchObject([
    201,
    { name: "data", droplet_ids: [], filesystem_type: "ext4" },
  ]);
  const { id } = made.body.volume;
  const path = `/v2/volumes/${id}`;
  expect((await ask("POST", "/v2/volumes", body)).status).toBe(409);
  expect((await ask("POST", "/v2/volumes", { ...body, region: "nyc1" })).status).toBe(201);
  for (const wrong of [
    { name: "Data" },
    { name: "a", region: "x1" },
    { name: "a", size_gigabytes: 0 },
    { name: "a", size_gigabytes: 16_385 },
    { name: "a", filesystem_type: "", filesystem_label: "data" },
    { name: "a", filesystem_label: "x".repeat(17) },
    { name: "a", filesystem_type: "xfs", filesystem_label: "x".repeat(13) },
  ])
    expect((await ask("POST", "/v2/volumes", { ...body, ...wrong })).status).toBe(422);
  expect(await totalOf(simulator, "/v2/volumes?name=data&region=nyc1")).toBe(1);

  const [first, second] = [await bootedDroplet(simulator), await bootedDroplet(simulator)];
  const act = (more: object) => ask("POST", `${path}/actions`, { region: "syd1", ...more });
  const attach = await act({ type: "attach", droplet_id: first });
  expect([attach.status, attach.body.action]).toMatchObject([202, { type: "attach_volume", resource_type: "volume" }]);
  const busy = await ask("POST", `/v2/droplets/${first}/actions`, { type: "reboot" });
  expect([busy.status, busy.body.message]).toEqual([422, "Droplet already has a pending event."]);
  expect((await ask("GET", path)).body.volume.droplet_ids).toEqual([]);
  expect((await act({ type: "attach", droplet_id: second })).status).toBe(422);
  expect((await ask("POST", "/v2/droplets", { ...smallDroplet, volumes: [id] })).status).toBe(422);
  clock.advance(3000);
  expect((await ask("GET", path)).body.volume.droplet_ids).toEqual([first]);
  expect((await ask("GET", `/v2/droplets/${first}`)).body.droplet.volume_ids).toEqual([id]);
  expect((await act({ type: "attach", droplet_id: second })).status).toBe(422);
  const other = await act({ type: "detach", droplet_id: second });
  expect([other.status, other.body.message]).toEqual([422, "Attachment not found"]);
  const kept = await ask("DELETE", path);
  expect([kept.status, kept.body.message]).toEqual([409, "attached volume cannot be deleted"]);
  expect((await act({ type: "resize", size_gigabytes: 20 })).status).toBe(202);
  clock.advance(3000);
  expect((await act({ type: "resize", size_gigabytes: 20 })).status).toBe(422);
  expect((await ask("GET", `${path}/actions`)).body.actions.map((each: Json) => each.type)).toEqual([
    "resize_volume",
    "attach_volume",
  ]);
  expect((await ask("GET", `${path}/actions/${attach.body.action.id}`)).body.action.status).toBe("completed");

  const detach = { type: "detach", volume_name: "data", region: "syd1", droplet_id: first };
  expect((await ask("POST", "/v2/volumes/actions", detach)).status).toBe(202);
  clock.advance(3000);
  expect((await ask("GET", path)).body.volume).toMatchObject({ droplet_ids: [], size_gigabytes: 20 });
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("DELETE", "/v2/volumes?name=data&region=nyc1")).status).toBe(204);
  for (const lost of [path, "/v2/volumes?name=data&region=nyc1"]) expect((await ask("DELETE", lost)).status).toBe(404);
});

test("a volume given at the create is attached, to no second droplet, and outlives its droplet", async () => {
  const simulator = await checkedSimulator();
  const { ask } = simulator;
  const volume = { name: "data", region: "syd1", size_gigabytes: 10 };
  const { id } = (await ask("POST", "/v2/volumes", volume)).body.volume;
  const owner = await bootedDroplet(simulator, { volumes: [id] });
  expect((await ask("GET", `/v2/droplets/${owner}`)).body.droplet.volume_ids).toEqual([id]);
  for (const [change, status] of [
    [{ volumes: [id] }, 422],
    [{ volumes: [missing] }, 404],
    [{ volumes: ["data"] }, 422],
    [{ volumes: [id], region: "nyc1" }, 422],
  ] as const)
    expect((await ask("POST", "/v2/droplets", { ...smallDroplet, ...change })).status).toBe(status);
  expect((await ask("DELETE", `/v2/droplets/${owner}`)).status).toBe(204);
  expect((await ask("GET", `/v2/volumes/${id}`)).body.volume.droplet_ids).toEqual([]);
});

test("a volume is attached to no droplet whose destruction is under way, though that is still shown", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const { id } = (await ask("POST", "/v2/volumes", { name: "data", region: "syd1", size_gigabytes: 10 })).body.volume;
  const droplet = await bootedDroplet(simulator);
  expect((await ask("DELETE", `/v2/droplets/${droplet}`)).status).toBe(204);
  await ask("POST", `/v2/volumes/${id}/actions`, { type: "attach", droplet_id: droplet });
  clock.advance(60_000);
  expect((await ask("GET", `/v2/volumes/${id}`)).body.volume.droplet_ids).toEqual([]);
});

test("snapshots are those of droplets and volumes, and volumes are made from theirs", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const id = await bootedDroplet(simulator);
  await ask("POST", `/v2/droplets/${id}/actions`, { type: "snapshot", name: "root" });
  clock.advance(3000);
  const volume = (await ask("POST", "/v2/volumes", { name: "data", region: "syd1", size_gigabytes: 10 })).body.volume;
  const made = await ask("POST", `/v2/volumes/${volume.id}/snapshots`, { name: "data-1" });
  expect([made.status, made.body.snapshot]).toMatchObject([201, { resource_id: volume.id, resource_type: "volume" }]);
  const listed = (await ask("GET", "/v2/snapshots")).body.snapshots;
  expect(listed.map((each: Json) => [each.name, each.resource_type])).toEqual([
    ["root", "droplet"],
    ["data-1", "volume"],
  ]);
  for (const type of ["droplet", "volume"])
    expect(await totalOf(simulator, `/v2/snapshots?resource_type=${type}`)).toBe(1);
  expect(await totalOf(simulator, `/v2/volumes/${volume.id}/snapshots`)).toBe(1);
  expect(await totalOf(simulator, `/v2/droplets/${id}/snapshots`)).toBe(1);

  const copy = { name: "copy", region: "syd1", size_gigabytes: 10, snapshot_id: made.body.snapshot.id };
  expect((await ask("POST", "/v2/volumes", { ...copy, size_gigabytes: 9 })).status).toBe(422);
  expect((await ask("POST", "/v2/volumes", { ...copy, region: "nyc1" })).status).toBe(422);
  expect((await ask("POST", "/v2/volumes", { ...copy, snapshot_id: missing })).status).toBe(404);
  expect((await ask("POST", "/v2/volumes", copy)).status).toBe(201);
  const [root, data] = listed;
  expect((await ask("GET", `/v2/volumes/snapshots/${data.id}`)).body.snapshot).toEqual(data);
  expect((await ask("GET", `/v2/snapshots/${root.id}`)).body.snapshot).toEqual(root);
  for (const path of [`/v2/snapshots/${root.id}`, `/v2/volumes/snapshots/${data.id}`]) {
    expect((await ask("DELETE", path)).status).toBe(204);
    expect((await ask("DELETE", path)).status).toBe(404);
    expect((await ask("GET", path)).status).toBe(404);
  }
});

test("an image of one's own is renamed, sent to a region, and deleted; DigitalOcean's are not", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const id = await bootedDroplet(simulator, { backups: true });
  await ask("POST", `/v2/droplets/${id}/actions`, { type: "snapshot", name: "root" });
  clock.advance(28 * 3_600_000);
  const images = (await ask("GET", "/v2/images?private=true")).body.images;
  const [snapshot, backup] = ["snapshot", "backup"].map((type) => images.find((each: Json) => each.type === type));
  const path = `/v2/images/${snapshot.id}`;
  expect((await ask("PUT", path, { name: "golden" })).body.image.name).toBe("golden");
  const sent = await ask("POST", `${path}/actions`, { type: "transfer", region: "nyc1" });
  expect([sent.status, sent.body]).toMatchObject([
    201,
    { type: "transfer", resource_id: snapshot.id, resource_type: "image" },
  ]);
  expect((await ask("POST", `${path}/actions`, { type: "transfer", region: "nyc1" })).status).toBe(422);
  expect((await ask("GET", path)).body.image.regions).toEqual(["syd1", "nyc1"]);
  expect((await ask("GET", `${path}/actions`)).body.meta.total).toBe(1);
  expect((await ask("GET", `${path}/actions/${sent.body.id}`)).body.id).toBe(sent.body.id);
  expect((await ask("POST", `/v2/images/${backup.id}/actions`, { type: "convert" })).status).toBe(201);
  expect((await ask("GET", `/v2/images/${backup.id}`)).body.image.type).toBe("snapshot");
  expect((await ask("POST", `${path}/actions`, { type: "convert" })).status).toBe(422);
  const public_ = (await ask("GET", "/v2/images/debian-12-x64")).body.image.id;
  for (const method of ["PUT", "DELETE"]) expect((await ask(method, `/v2/images/${public_}`, {})).status).toBe(403);
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("GET", path)).status).toBe(404);
});

test("an action on a tag is one on each droplet that carries it, or on none", async () => {
  const simulator = await checkedSimulator();
  const { ask, clock } = simulator;
  const ids = [await bootedDroplet(simulator, { tags: ["web"] }), await bootedDroplet(simulator, { tags: ["web"] })];
  const act = (body: object, tag = "web") => ask("POST", `/v2/droplets/actions?tag_name=${tag}`, body);
  const sent = await act({ type: "power_off" });
  expect([sent.status, sent.body.actions.map((each: Json) => each.resource_id)]).toEqual([201, ids]);
  expect((await act({ type: "power_on" })).status).toBe(422);
  clock.advance(3000);
  for (const id of ids) expect((await ask("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("off");
  await ask("POST", `/v2/droplets/${ids[1]}/actions`, { type: "power_on" });
  expect((await act({ type: "power_on" })).status).toBe(422);
  expect((await ask("GET", `/v2/droplets/${ids[0]}/actions`)).body.meta.total).toBe(2);
  expect((await act({ type: "rename", name: "x" })).status).toBe(422);
  expect((await act({ type: "power_on" }, "none")).status).toBe(404);
});
