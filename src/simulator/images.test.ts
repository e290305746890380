import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Json, smallDroplet, testSimulator } from "#test/test-simulator.ts";

const hour = 3_600_000;

/** A droplet of a calm account that stands at noon of Sunday, 1 November 2026, and what acts on it. */
async function withDroplet(more: object = {}, options: object = {}) {
  const simulator = await testSimulator({ calm: true, bootMs: 1000, ...options });
  const { call, clock } = simulator;
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, ...more })).body.droplet;
  clock.advance(1000);
  const path = `/v2/droplets/${id}`;
  return {
    ...simulator,
    id,
    path,
    act: (body: object) => call("POST", `${path}/actions`, body),
    /** Acts, and waits until it has completed. */
    async done(body: object): Promise<void> {
      const made = await call("POST", `${path}/actions`, body);
      expect([made.status, made.body.message]).toEqual([201, undefined]);
      clock.advance(1000);
    },
    droplet: async (): Promise<Json> => (await call("GET", path)).body.droplet,
    list: async (what: string): Promise<Json[]> => (await call("GET", `${path}/${what}`)).body[what],
  };
}

test("a snapshot is an image once its action has completed, and a droplet can be made from it", async () => {
  const { act, call, clock, droplet, id, list } = await withDroplet();
  expect((await act({ type: "snapshot", name: "before" })).status).toBe(201);
  expect(await list("snapshots")).toEqual([]);
  clock.advance(1000);
  const [snapshot] = await list("snapshots");
  expect(snapshot).toMatchObject({ name: "before", type: "snapshot", min_disk_size: 10, regions: ["syd1"] });
  expect((await droplet()).snapshot_ids).toEqual([snapshot.id]);
  const image = (await call("GET", `/v2/images/${snapshot.id}`)).body.image;
  expect(image).toMatchObject({ name: "before", type: "snapshot", public: false, slug: null, distribution: "Ubuntu" });
  expect((await call("GET", "/v2/images?private=true")).body.images).toEqual([image]);
  expect((await call("GET", "/v2/images?type=distribution")).body.images).not.toContainEqual(image);

  const made = await call("POST", "/v2/droplets", { ...smallDroplet, image: snapshot.id });
  expect([made.status, made.body.droplet.image]).toEqual([202, image]);
  const elsewhere = await call("POST", "/v2/droplets", { ...smallDroplet, region: "nyc1", image: String(snapshot.id) });
  expect([elsewhere.status, elsewhere.body.message]).toEqual([422, "Image is not available in this region."]);
  clock.advance(1000);
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  expect((await call("GET", `/v2/images/${snapshot.id}`)).status).toBe(200);
});

test("a snapshot has a name when none is given, and an image is found by its slug", async () => {
  const { call, done, list } = await withDroplet();
  await done({ type: "snapshot" });
  expect((await list("snapshots"))[0].name).toMatch(/^web-1-\d+$/);
  expect((await call("GET", "/v2/images/debian-12-x64")).body.image).toMatchObject({ slug: "debian-12-x64" });
  for (const image of ["1", "debian-3-x64", "-1", "1e3"])
    expect((await call("GET", `/v2/images/${image}`)).status).toBe(404);
});

test("backups are a feature with a window, and are taken when it has closed, and kept a week", async () => {
  const { call, clock, done, droplet, list, path } = await withDroplet();
  expect(await droplet()).toMatchObject({ next_backup_window: null, backup_ids: [] });
  expect((await call("GET", `${path}/backups/policy`)).body.policy).toMatchObject({ backup_enabled: false });
  await done({ type: "enable_backups", backup_policy: { plan: "daily", hour: 20 } });
  const window = { start: "2026-11-01T20:00:00Z", end: "2026-11-02T00:00:00Z" };
  const enabled = await droplet();
  expect(enabled).toMatchObject({ next_backup_window: window });
  expect(enabled.features).toContain("backups");
  expect((await call("GET", `${path}/backups/policy`)).body.policy).toMatchObject({
    backup_enabled: true,
    backup_policy: { plan: "daily", hour: 20, window_length_hours: 4, retention_period_days: 7 },
    next_backup_window: window,
  });
  clock.advance(11 * hour);
  expect(await list("backups")).toEqual([]);
  clock.advance(hour);
  const [backup] = await list("backups");
  expect(backup).toMatchObject({ type: "backup", created_at: "2026-11-01T20:00:00Z" });
  expect((await droplet()).backup_ids).toEqual([backup.id]);
  clock.advance(60 * 24 * hour);
  expect((await list("backups")).map((each) => each.id)).not.toContain(backup.id);
  expect(await list("backups")).toHaveLength(7);
  await done({ type: "disable_backups" });
  expect(await droplet()).toMatchObject({ next_backup_window: null });
  expect((await droplet()).features).not.toContain("backups");
});

test("a create with backups has them, weekly ones too, and a policy can be changed", async () => {
  const weekly = { backups: true, backup_policy: { plan: "weekly", weekday: "WED", hour: 4 } };
  const { call, clock, done, droplet, list } = await withDroplet(weekly);
  expect((await droplet()).next_backup_window.start).toBe("2026-11-04T04:00:00Z");
  clock.advance(14 * 24 * hour);
  expect(await list("backups")).toHaveLength(2);
  await done({ type: "change_backup_policy", backup_policy: { plan: "daily", hour: 0 } });
  expect((await droplet()).next_backup_window.start).toBe("2026-11-16T00:00:00Z");
  const some = (await call("POST", "/v2/droplets", { ...smallDroplet, backups: true })).body.droplet;
  expect(some.next_backup_window).toEqual({ start: expect.any(String), end: expect.any(String) });
});

test("a droplet is restored from a backup of its own, and rebuilt from a snapshot, and is on then", async () => {
  const { act, clock, done, droplet, list } = await withDroplet({ backups: true });
  clock.advance(28 * hour);
  const [backup] = await list("backups");
  await done({ type: "snapshot" });
  const [snapshot] = await list("snapshots");
  await done({ type: "rebuild", image: "debian-12-x64" });
  await done({ type: "power_off" });
  await done({ type: "restore", image: backup.id });
  expect(await droplet()).toMatchObject({ status: "active", image: { id: backup.id, type: "backup" } });
  await done({ type: "rebuild", image: snapshot.id });
  expect(await droplet()).toMatchObject({ image: { id: snapshot.id } });
  for (const image of [snapshot.id, "debian-12-x64", 1, undefined])
    expect((await act({ type: "restore", image })).status).toBe(422);
});

test("backups go with their droplet, as an image that a droplet is still made of goes on being named", async () => {
  const { call, clock, list, path } = await withDroplet({ backups: true });
  clock.advance(28 * hour);
  const [backup] = await list("backups");
  const second = (await call("POST", "/v2/droplets", { ...smallDroplet, image: backup.id })).body.droplet;
  expect((await call("DELETE", path)).status).toBe(204);
  expect((await call("GET", `/v2/images/${backup.id}`)).status).toBe(404);
  const left = (await call("GET", `/v2/droplets/${second.id}`)).body.droplet;
  expect(left.image).toMatchObject({ id: backup.id, status: "deleted" });
});

test("images outlive a restart with the ids that were shown, those that a look brought about too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stateFile = join(folder, "account.json");
  const { clock, close, done, id, list } = await withDroplet({ backups: true }, { stateFile });
  await done({ type: "snapshot", name: "kept" });
  clock.advance(28 * hour);
  const before = [await list("snapshots"), await list("backups")];
  await close();
  const again = await testSimulator({ calm: true, stateFile, clock, bootMs: 1000 });
  const path = `/v2/droplets/${id}`;
  await again.call("POST", "/v2/droplets", smallDroplet);
  const snapshots = (await again.call("GET", `${path}/snapshots`)).body.snapshots;
  expect([snapshots, (await again.call("GET", `${path}/backups`)).body.backups]).toEqual(before);
});
