import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { systemClock as clock } from "#clock.ts";
import { startSimulator } from "#simulator/server.ts";
import { createAsk } from "./ask.ts";
import type { Question } from "./check.ts";

const signal = new AbortController().signal;
const http: Question = { protocol: "http", port: 80 };

/** A proxy that leads every tunnel to this handler, and keeps what it was asked. */
async function proxyTo(serve: (socket: Socket, sent: string) => void) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let connected = false;
    socket.on("data", (chunk) => {
      heard.push(String(chunk));
      if (connected) return serve(socket, String(chunk));
      connected = true;
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    heard,
    sockets,
    ask: createAsk({ clock, proxy: new URL(`http://127.0.0.1:${port}`) }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const target = { address: "198.18.0.2", hostname: "app.example.com" };
const options = { timeoutMs: 400, signal };

test("it asks by the hostname, takes the status line, and closes", async () => {
  await using proxy = await proxyTo((socket) => socket.write("HTTP/1.1 204 No Content\r\n"));
  expect(await proxy.ask({ ...http, port: 8080, path: "/healthz?a=b" }, target, options)).toEqual({
    kind: "healthy",
    said: "204",
  });
  expect(proxy.heard[0]).toBe("CONNECT 198.18.0.2:8080 HTTP/1.1\r\nHost: 198.18.0.2:8080\r\n\r\n");
  expect(proxy.heard[1]).toMatch(/^GET \/healthz\?a=b HTTP\/1\.1\r\nHost: app\.example\.com:8080\r\n/);
  await expect.poll(() => [...proxy.sockets].every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
});

test.each([
  ["HTTP/1.1 200 OK\r\n\r\n", {}, "healthy", "200"],
  ["HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/\r\n\r\n", {}, "unhealthy", "301, not 200-299"],
  ["HTTP/1.1 301 Moved\r\n\r\n", { expect: "301" }, "healthy", "301"],
  ["HTTP/1.1 503 Busy\r\n\r\n", { expect: "200-399" }, "unhealthy", "503, not 200-399"],
  ["SSH-2.0-OpenSSH_9.2\r\n", {}, "unhealthy", "no HTTP"],
  ["x".repeat(100_000), {}, "unhealthy", "no HTTP"],
  ["HTTP/1.1 2", {}, "silent", "no answer within 0.4 s"],
  ["", {}, "silent", "no answer within 0.4 s"],
] as const)("%j is judged", async (answer, more, kind, said) => {
  await using proxy = await proxyTo((socket) => socket.write(answer));
  const got = await proxy.ask({ ...http, ...more }, target, options);
  expect([got.kind, got.said]).toEqual([kind, expect.stringContaining(said)]);
});

test("a connection that is cut is silence, and an abort is the caller's own", async () => {
  await using proxy = await proxyTo((socket) => socket.destroy());
  expect((await proxy.ask(http, target, options)).kind).toBe("silent");
  await using slow = await proxyTo(() => undefined);
  const aborting = new AbortController();
  const asked = slow.ask(http, target, { timeoutMs: 5000, signal: aborting.signal });
  aborting.abort(new Error("stopped"));
  await expect(asked).rejects.toThrow("stopped");
});

test("no address but a public one is asked, and the simulator's only through a proxy", async () => {
  const straight = createAsk({ clock, proxy: undefined });
  for (const address of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "224.0.0.1", "198.18.0.2", "::1"])
    expect(await straight(http, { ...target, address }, options)).toMatchObject({
      kind: "silent",
      said: expect.stringContaining("no public address"),
    });
  await using proxy = await proxyTo((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
  expect((await proxy.ask(http, { ...target, address: "10.1.2.3" }, options)).said).toContain("no public address");
  expect(proxy.heard).toEqual([]);
});

test("through the simulator: http, https and tcp; sick, refused, and not there", async () => {
  const simulator = await startSimulator({ bootMs: 0, calm: true, appStartMs: 0 });
  await using _ = { [Symbol.asyncDispose]: () => simulator.close() };
  const headers = { authorization: "Bearer any", "content-type": "application/json" };
  const body = { name: "a", region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  await fetch(`${simulator.url}/v2/droplets`, { method: "POST", headers, body: JSON.stringify(body) });
  const address = simulator.state().droplets[0]?.public_ipv4 ?? "";
  const ask = createAsk({ clock, proxy: new URL(simulator.url) });
  const kinds = (at = address) =>
    Promise.all(
      (["http", "https", "tcp"] as const).map(async (protocol) => {
        const { kind } = await ask(
          { protocol, port: 443 },
          { address: at, hostname: "a.b" },
          { timeoutMs: 5000, signal },
        );
        return kind;
      }),
    );
  const make = (state: string) =>
    fetch(`${simulator.url}/_sim/apps`, { method: "POST", body: JSON.stringify({ state }) });
  expect(await kinds()).toEqual(["healthy", "healthy", "healthy"]);
  await make("sick");
  expect(await kinds()).toEqual(["unhealthy", "unhealthy", "healthy"]);
  await make("never");
  expect(await kinds()).toEqual(["unhealthy", "unhealthy", "unhealthy"]);
  expect(await kinds("198.18.0.77")).toEqual(["silent", "silent", "silent"]);
});
