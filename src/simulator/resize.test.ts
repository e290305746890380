import { expect, test } from "vitest";
import { type Json, smallDroplet, testSimulator } from "#test/test-simulator.ts";

async function off(size: string, region = "nyc1") {
  const simulator = await testSimulator({ calm: true, bootMs: 0 });
  const { call } = simulator;
  const { id } = (await call("POST", "/v2/droplets", { ...smallDroplet, size, region })).body.droplet;
  const act = (body: object) => call("POST", `/v2/droplets/${id}/actions`, body);
  await act({ type: "power_off" });
  const droplet = async (): Promise<Json> => (await call("GET", `/v2/droplets/${id}`)).body.droplet;
  return { ...simulator, id, act, droplet };
}

test("without disk only CPU and memory change, and back; with it the disk grows for good", async () => {
  const { act, droplet } = await off("s-1vcpu-1gb");
  expect((await act({ type: "resize", size: "s-2vcpu-4gb" })).status).toBe(201);
  expect(await droplet()).toMatchObject({ size_slug: "s-2vcpu-4gb", memory: 4096, vcpus: 2, disk: 25 });
  expect((await droplet()).disk_info).toEqual([{ type: "local", size: { amount: 25, unit: "gib" } }]);
  expect((await act({ type: "resize", size: "s-1vcpu-1gb", disk: false })).status).toBe(201);
  expect(await droplet()).toMatchObject({ size_slug: "s-1vcpu-1gb", memory: 1024, disk: 25 });
  expect((await act({ type: "resize", size: "s-2vcpu-4gb", disk: true })).status).toBe(201);
  expect(await droplet()).toMatchObject({ memory: 4096, disk: 80, status: "off" });
  for (const disk of [true, false, undefined]) {
    const refused = await act({ type: "resize", size: "s-1vcpu-1gb", disk });
    expect([refused.status, refused.body.message]).toEqual([422, "Size can not decrease size of Droplet's disk image"]);
  }
  expect(await droplet()).toMatchObject({ size_slug: "s-2vcpu-4gb", disk: 80 });
});

test("a disk that a resize left small can still grow to its size's", async () => {
  const { act, droplet } = await off("s-1vcpu-1gb");
  await act({ type: "resize", size: "s-2vcpu-2gb" });
  await act({ type: "resize", size: "s-2vcpu-2gb", disk: true });
  expect(await droplet()).toMatchObject({ size_slug: "s-2vcpu-2gb", disk: 60 });
});

test.each([
  ["an unknown size", { size: "s-9vcpu" }, "You specified an invalid size."],
  ["no size", {}, "You specified an invalid size."],
  ["a size that the region has not", { size: "c-4" }, "Size is not available in this region."],
  [
    "a disk that is no boolean",
    { size: "s-2vcpu-4gb", disk: "yes" },
    "disk: Invalid input: expected boolean, received string",
  ],
])("a resize to %s is a 422", async (_, change, message) => {
  const { act } = await off("s-1vcpu-1gb", "syd1");
  const refused = await act({ type: "resize", ...change });
  expect([refused.status, refused.body.message]).toEqual([422, message]);
});

test("a droplet that is on is not resized, and an image is no bigger than the disk", async () => {
  const { act, call, droplet } = await off("s-1vcpu-512mb-10gb");
  await act({ type: "power_on" });
  const refused = await act({ type: "resize", size: "s-1vcpu-1gb" });
  expect([refused.status, refused.body.message]).toEqual([422, "Droplet must be powered off to be resized."]);
  const big = (await call("POST", "/v2/droplets", { ...smallDroplet, region: "nyc1", size: "s-1vcpu-1gb" })).body;
  await call("POST", `/v2/droplets/${big.droplet.id}/actions`, { type: "snapshot" });
  const [image] = (await call("GET", `/v2/droplets/${big.droplet.id}/snapshots`)).body.snapshots;
  const rebuilt = await act({ type: "rebuild", image: image.id });
  expect([rebuilt.status, rebuilt.body.message]).toEqual([422, "The image needs a bigger disk than this Droplet has."]);
  expect((await droplet()).disk).toBe(10);
});
