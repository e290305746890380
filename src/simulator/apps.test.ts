import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";
import { startSimulator } from "./server.ts";

const headers = { authorization: "Bearer any", "content-type": "application/json" };

async function start(options: { appStartMs?: number } = {}) {
  const simulator = await startSimulator({ bootMs: 0, calm: true, appStartMs: 0, ...options });
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(simulator.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return answer.status === 204 ? undefined : answer.json();
  };
  const size = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  const create = async (userData?: string) => {
    const { droplet } = await call("POST", "/v2/droplets", { name: "a", ...size, user_data: userData });
    const { droplets } = simulator.state();
    return { id: droplet.id, address: droplets.find(({ id }) => id === droplet.id)?.public_ipv4 ?? "" };
  };
  return { ...simulator, call, create, [Symbol.asyncDispose]: () => simulator.close() };
}

/** What comes back of what is sent to the proxy, until it ends. */
const talk = (port: number, sent: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    let heard = "";
    socket.on("data", (chunk) => (heard += String(chunk)));
    socket.on("close", () => resolve(heard));
    socket.on("error", reject);
  });

const absolute = (address: string) =>
  `GET http://${address}:8080/healthz HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n`;
const tunnel = (address: string) => `CONNECT ${address}:80 HTTP/1.1\r\nHost: ${address}:80\r\n\r\n`;

test("a droplet answers through the proxy with the name of its release, and nothing else is reached", async () => {
  await using simulator = await start();
  const plain = await simulator.create('#!/bin/sh\nARCADIA_RELEASE="web-1"\n');
  const encoded = Buffer.from('#!/bin/sh\nARCADIA_RELEASE="web-2"\n').toString("base64");
  const coded = await simulator.create(`--b\nContent-Transfer-Encoding: base64\n\n${encoded}\n--b--\n`);
  const { port } = simulator;
  expect(await talk(port, absolute(plain.address))).toMatch(/^HTTP\/1.1 200 .*web-1/s);
  expect(await talk(port, absolute(coded.address))).toMatch(/^HTTP\/1.1 200 .*web-2/s);
  const inside = "GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n";
  expect(await talk(port, tunnel(plain.address) + inside)).toMatch(/established\r\n\r\nHTTP\/1.1 200 .*web-1/s);
  for (const address of ["198.19.200.7", "127.0.0.1", "192.0.2.1"]) {
    const failed = /^HTTP\/1.1 504 .*proxy-status: simulator; error=destination_ip_unroutable/is;
    expect(await talk(port, absolute(address))).toMatch(failed);
    expect(await talk(port, tunnel(address))).toMatch(failed);
  }
});

test("over TLS it is the same app, under a certificate of the simulator's own", async () => {
  await using simulator = await start();
  const { address } = await simulator.create('ARCADIA_RELEASE="web-1"');
  const heard = await new Promise<string>((resolve, reject) => {
    const socket = connect(simulator.port, "127.0.0.1", () => socket.write(tunnel(address)));
    socket.once("data", () => {
      const secured = connectTls({ socket, servername: "app.example.com", rejectUnauthorized: false }, () =>
        secured.write("GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n"),
      );
      let text = "";
      secured.on("data", (chunk) => (text += String(chunk)));
      secured.on("close", () => resolve(text));
      secured.on("error", reject);
    });
  });
  expect(heard).toMatch(/^HTTP\/1.1 200 .*web-1/s);
});

test("an app is made sick, slow, or never starts, by its droplet or its release", async () => {
  await using simulator = await start();
  const one = await simulator.create('ARCADIA_RELEASE="web-1"');
  const two = await simulator.create('ARCADIA_RELEASE="web-2"');
  const status = async (address: string) => /^HTTP\/1.1 (\d+)/.exec(await talk(simulator.port, absolute(address)))?.[1];
  await simulator.call("POST", "/_sim/apps", { release: "web-2", state: "sick" });
  expect([await status(one.address), await status(two.address)]).toEqual(["200", "500"]);
  await simulator.call("POST", "/_sim/apps", { droplet_id: two.id, state: "never" });
  expect(await status(two.address)).toBe("502");
  await simulator.call("POST", "/_sim/apps", { droplet_id: one.id, state: "slow", delay_ms: 150 });
  const begun = Date.now();
  expect(await status(one.address)).toBe("200");
  expect(Date.now() - begun).toBeGreaterThanOrEqual(140);
  const { apps } = await simulator.call("GET", "/_sim/apps");
  expect(apps).toEqual([
    { droplet_id: one.id, address: one.address, release: "web-1", state: "slow", answers: 200 },
    { droplet_id: two.id, address: two.address, release: "web-2", state: "never", answers: "refused" },
  ]);
  await simulator.call("DELETE", "/_sim/apps");
  expect(await status(two.address)).toBe("200");
  expect((await simulator.call("POST", "/_sim/apps", { state: "odd" })).id).toBe("unprocessable_entity");
});

test("an app takes its time after the boot, after each start, and is silent while its droplet is off", async () => {
  await using simulator = await start({ appStartMs: 300 });
  const { id, address } = await simulator.create();
  expect(simulator.reach(address)).toBe("refused");
  await expect.poll(() => simulator.reach(address)).toMatchObject({ status: 200 });
  await simulator.call("POST", `/v2/droplets/${id}/actions`, { type: "power_off" });
  await expect.poll(() => simulator.reach(address), { timeout: 5000 }).toBe("unroutable");
  await simulator.call("POST", `/v2/droplets/${id}/actions`, { type: "power_on" });
  await expect.poll(() => simulator.reach(address), { timeout: 5000 }).toBe("refused");
  await expect.poll(() => simulator.reach(address), { timeout: 5000 }).toMatchObject({ status: 200 });
});

test.each([{ type: "rebuild", image: "debian-13-x64" }, { type: "power_cycle" }])(
  "while a $type goes on nothing answers, although the droplet is said to be active",
  async (action) => {
    const { call, clock, reach, state } = await testSimulator({ calm: true, bootMs: 3000, appStartMs: 1000 });
    const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
    clock.advance(4001);
    const address = state().droplets[0]?.public_ipv4 ?? "";
    expect(reach(address)).toMatchObject({ status: 200 });
    expect((await call("POST", `/v2/droplets/${id}/actions`, action)).status).toBe(201);
    expect([state().droplets[0]?.status, reach(address)]).toEqual(["active", "unroutable"]);
    clock.advance(3001);
    expect(reach(address)).toBe("refused");
    clock.advance(1000);
    expect(reach(address)).toMatchObject({ status: 200 });
  },
);
