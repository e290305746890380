import { createSocket } from "node:dgram";
import { once } from "node:events";
import { lookup } from "node:dns/promises";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createResolver } from "./resolver.ts";

/** A name server on loopback: it answers A questions with `address`, or nobody at all, and counts whom it was asked for. */
async function startNameServer(address?: string) {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (question, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
    }
    asked.push(labels.join("."));
    if (address === undefined) return;
    const isA = question.readUInt16BE(at + 1) === 1;
    const head = Buffer.from(question.subarray(0, at + 5));
    head.writeUInt16BE(0x81_80, 2);
    head.writeUInt16BE(isA ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]);
    socket.send(isA ? Buffer.concat([head, record]) : head, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

const { signal } = new AbortController();

test("a name is asked for at the name server", async () => {
  await using dns = await startNameServer("203.0.113.7");
  const resolve = createResolver({ servers: [dns.server] });
  expect(await resolve("Hooks.example.com.", signal)).toEqual([{ address: "203.0.113.7", family: 4 }]);
  expect(new Set(dns.asked)).toEqual(new Set(["hooks.example.com"]));
});

test("names whose servers are silent keep nothing else waiting, and end by themselves", async () => {
  await using dns = await startNameServer();
  const resolve = createResolver({ servers: [dns.server] });
  const begun = performance.now();
  const silent = Array.from({ length: 16 }, (_, index) => resolve(`dead-${index}.example.com`, signal));
  const ended = Promise.allSettled(silent);
  await new Promise((done) => setTimeout(done, 100));
  // All that libuv's threads do: files, and the look-ups of everybody else.
  expect(await lookup("127.0.0.1")).toMatchObject({ family: 4 });
  await readFile(new URL(import.meta.url));
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(new Set((await ended).map((it) => it.status))).toEqual(new Set(["rejected"]));
  expect(performance.now() - begun).toBeLessThan(15_000);
}, 30_000);

test("so many at once and no more; the others wait, in turn, and give up when they are told to", async () => {
  await using dns = await startNameServer();
  const resolve = createResolver({ servers: [dns.server], most: 2 });
  const ending = new AbortController();
  const names = ["a.example.com", "b.example.com", "c.example.com", "d.example.com"];
  const [first, second, third, fourth] = names.map((name) =>
    resolve(name, name.startsWith("c") ? ending.signal : signal),
  );
  const begun = Promise.allSettled([first, second]);
  await new Promise((done) => setTimeout(done, 200));
  expect(new Set(dns.asked)).toEqual(new Set(names.slice(0, 2)));
  ending.abort(new Error("enough"));
  await expect(third).rejects.toThrow("Given up");
  await expect(fourth).rejects.toThrow("d.example.com was not resolved (ETIMEOUT)");
  await begun;
  expect(dns.asked).toContain("d.example.com");
  expect(dns.asked).not.toContain("c.example.com");
}, 30_000);

test("a look-up that is under way ends when it is told to", async () => {
  await using dns = await startNameServer();
  const ending = new AbortController();
  const begun = performance.now();
  const asked = createResolver({ servers: [dns.server] })("a.example.com", ending.signal);
  setTimeout(() => ending.abort(new Error("enough")), 50);
  await expect(asked).rejects.toThrow("enough");
  expect(performance.now() - begun).toBeLessThan(1400);
});

test("names of the hosts file and of loopback are asked for nowhere", async () => {
  await using dns = await startNameServer("203.0.113.7");
  const directory = await mkdtemp(join(tmpdir(), "arcadia-hosts-"));
  const hostsFile = join(directory, "hosts");
  await writeFile(
    hostsFile,
    "# a comment\n10.1.2.3\treceiver  Receiver.internal # mine\n::5 receiver\nnonsense receiver\n",
  );
  const resolve = createResolver({ servers: [dns.server], hostsFile });
  expect(await resolve("receiver.internal", signal)).toEqual([{ address: "10.1.2.3", family: 4 }]);
  expect(await resolve("RECEIVER", signal)).toEqual([
    { address: "10.1.2.3", family: 4 },
    { address: "::5", family: 6 },
  ]);
  for (const name of ["localhost", "a.localhost", "localhost."])
    expect((await resolve(name, signal)).map((it) => it.address)).toEqual(["127.0.0.1", "::1"]);
  expect(dns.asked).toEqual([]);
  await rm(directory, { recursive: true });
});
