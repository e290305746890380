import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { smallDroplet, type TestSimulator, testSimulator } from "#test/test-simulator.ts";

const owners = {
  colleague: { user: "bob", team: "main" },
  side: { user: "operator", team: "side" },
  own: { user: "operator", team: null },
};

const as = (simulator: TestSimulator, token: string) => (method: string, path: string, body?: unknown) =>
  simulator.call(method, path, body, { authorization: `Bearer ${token}` });
const accountOf = async (simulator: TestSimulator, token: string) =>
  (await as(simulator, token)("GET", "/v2/account")).body.account;

test("a user and a team are two things, and a token belongs to one of each", async () => {
  const simulator = await testSimulator({ owners });
  const usual = await accountOf(simulator, "any");
  expect(usual.team.uuid).not.toBe(usual.uuid);
  const colleague = await accountOf(simulator, "colleague");
  expect([colleague.team, colleague.uuid === usual.uuid]).toEqual([usual.team, false]);
  const side = await accountOf(simulator, "side");
  expect([side.uuid, side.team.uuid === usual.team.uuid]).toEqual([usual.uuid, false]);
  const own = await accountOf(simulator, "own");
  expect([own.uuid, "team" in own]).toEqual([usual.uuid, false]);
});

test("what a team has is seen by its own tokens only, over a restart too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stateFile = join(folder, "simulator.json");
  const simulator = await testSimulator({ owners, calm: true, bootMs: 0, stateFile });
  const ids: number[] = [];
  for (const token of ["any", "side", "own"])
    ids.push((await as(simulator, token)("POST", "/v2/droplets", smallDroplet)).body.droplet.id);
  expect(new Set(ids).size).toBe(3);
  for (const it of [simulator, await testSimulator({ owners, calm: true, stateFile, clock: simulator.clock })]) {
    const seen = async (token: string) =>
      (await as(it, token)("GET", "/v2/droplets")).body.droplets.map((droplet: { id: number }) => droplet.id);
    expect(await Promise.all(["any", "colleague", "side", "own"].map(seen))).toEqual(
      [ids[0], ids[0], ids[1], ids[2]].map((id) => [id]),
    );
    expect((await as(it, "side")("GET", `/v2/droplets/${ids[0]}`)).status).toBe(404);
    expect((await as(it, "side")("GET", "/v2/domains/example.com")).status).toBe(404);
    expect(it.state("side").droplets.map(({ id }) => id)).toEqual([ids[1]]);
    const asked = await it.call("GET", "/_sim/state?team=side");
    expect(asked.body.droplets).toHaveLength(1);
  }
  const addresses = ["main", "side"].map((team) => simulator.state(team).droplets[0]?.public_ipv4);
  expect(new Set(addresses).size).toBe(2);
  await simulator.call("POST", "/_sim/reset");
  expect(simulator.state("side").droplets).toEqual([]);
  const again = (await as(simulator, "side")("POST", "/v2/droplets", smallDroplet)).body.droplet.id;
  expect(again).toBeGreaterThan(ids[1] ?? 0);
});

test("beside the only token that is accepted, those with an owner are", async () => {
  const simulator = await testSimulator({ token: "right", owners });
  const status = async (token: string) => (await as(simulator, token)("GET", "/v2/account")).status;
  expect(await Promise.all(["right", "side", "wrong"].map(status))).toEqual([200, 200, 401]);
});
