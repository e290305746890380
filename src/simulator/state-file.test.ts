import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";
import { createSimulator } from "./simulator.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "simulator-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test("what was answered is on the disk: an account opened from the file alone is the same", async () => {
  const stateFile = join(folder(), "simulator.json");
  const { call, clock, state } = await testSimulator({ stateFile, seed: undefined, bootMs: 0 });
  const made = await Promise.all(
    ["a", "b", "c"].map((tag) => call("POST", "/v2/droplets", { ...smallDroplet, tags: [tag, "all"] })),
  );
  clock.advance(2000);
  await call("POST", "/v2/domains/example.com/records", { type: "A", name: "www", data: "192.0.2.1" });
  await call("DELETE", `/v2/droplets/${made[0]?.body.droplet.id}`);
  const { account } = (await call("GET", "/v2/account")).body;

  const second = await testSimulator({ stateFile, seed: undefined, clock });
  const { requests, ...rest } = second.state();
  expect(rest).toEqual({ ...state(), requests: undefined });
  expect(requests.by_route).toMatchObject({ "POST /v2/droplets": 3, "DELETE /v2/droplets/{id}": 1 });
  expect((await second.call("GET", "/v2/account")).body.account).toEqual(account);
  clock.advance(2000);
  expect((await second.call("GET", "/v2/droplets?tag_name=all")).body.meta.total).toBe(2);
  const next = (await second.call("POST", "/v2/droplets", smallDroplet)).body.droplet.id;
  expect(made.every((each) => each.body.droplet.id < next)).toBe(true);
});

test("a record that an older release saved with its dot is read back without it", async () => {
  const stateFile = join(folder(), "simulator.json");
  const { call, close } = await testSimulator({ stateFile });
  const cname = { type: "CNAME", name: "www", data: "example.net." };
  await call("POST", "/v2/domains/example.com/records", cname);
  await close();
  writeFileSync(stateFile, readFileSync(stateFile, "utf8").replace('"example.net"', '"example.net."'));
  expect(readFileSync(stateFile, "utf8")).toContain('"example.net."');
  expect(createSimulator({ stateFile }).state().domains[0]?.records.at(-1)?.data).toBe("example.net");
});

test("an account that an older release saved is read, with what it did not know filled in", async () => {
  const stateFile = join(folder(), "simulator.json");
  const { call, close } = await testSimulator({ stateFile, calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, backups: true })).body.droplet;
  await close();
  const { keys, images, vpcs, firewalls, volumes, volumeSnapshots, reservedIps, projects, projectOf, ...older } =
    JSON.parse(readFileSync(stateFile, "utf8"));
  expect([keys, vpcs, projects].map((each) => each.length)).toEqual([1, 10, 1]);
  expect([images, firewalls, volumes, volumeSnapshots, reservedIps, projectOf].flat()).toEqual([]);
  for (const droplet of older.droplets) {
    for (const later of ["disk", "backups", "publicNetworking"]) Reflect.deleteProperty(droplet, later);
    droplet.features.push("backups");
  }
  writeFileSync(stateFile, JSON.stringify(older));
  const again = await testSimulator({ stateFile, calm: true });
  const { droplet } = (await again.call("GET", `/v2/droplets/${id}`)).body;
  expect(droplet).toMatchObject({ disk: 10, status: "active", next_backup_window: { start: expect.any(String) } });
  expect(droplet.networks.v4).toHaveLength(2);
  expect(droplet.features.filter((each: string) => each === "backups")).toHaveLength(1);
  for (const what of ["account/keys", "vpcs", "projects"])
    expect((await again.call("GET", `/v2/${what}`)).body.meta.total).toBeGreaterThan(0);
});

test("only its owner reads the file, and nothing is left beside it", async () => {
  const path = folder();
  const { call } = await testSimulator({ stateFile: join(path, "simulator.json") });
  await Promise.all(Array.from({ length: 20 }, () => call("POST", "/v2/droplets", smallDroplet)));
  expect(readdirSync(path)).toEqual(["simulator.json"]);
  expect(statSync(join(path, "simulator.json")).mode & 0o777).toBe(0o600);
});

test("a file that cannot be read is an error that names it, never an empty account", () => {
  const stateFile = join(folder(), "simulator.json");
  writeFileSync(stateFile, '{"version":1,');
  expect(() => createSimulator({ stateFile })).toThrow(stateFile);
});

test("an account that cannot be saved is a 500, not an answer", async () => {
  const path = join(folder(), "place");
  mkdirSync(path);
  const { call } = await testSimulator({ stateFile: join(path, "simulator.json") });
  rmSync(path, { recursive: true });
  expect((await call("POST", "/v2/droplets", smallDroplet)).status).toBe(500);
});
