import { get } from "node:http";
import { expect, test } from "vitest";
import { startApi } from "#test/api.ts";

const proxied = { publicUrl: "https://cloud.example.com", trustedProxies: ["10.0.0.0/8", "::1"] };

/** One request that comes from `remoteAddress`. @returns its status, and the address that the audit log has */
async function asked(changes: object, remoteAddress: string, headers: Record<string, string>) {
  await using api = await startApi(changes);
  const { secret } = await api.newToken("admin");
  const answer = await api.app.inject({
    method: "POST",
    url: "/v1/tenants",
    remoteAddress,
    payload: { slug: "acme", name: "Acme" },
    headers: { authorization: `Bearer ${secret}`, ...headers },
  });
  const row = await api.db
    .selectFrom("audit_log")
    .select("address")
    .where("action", "=", "tenant.create")
    .executeTakeFirst();
  return [answer.statusCode, row?.address];
}

test.each([
  ["a trusted proxy's word is taken", "10.1.2.3", "198.51.100.7", "198.51.100.7"],
  ["what the client itself sent before it is not", "10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"],
  ["nor what came through a second trusted one", "10.1.2.3", "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"],
  ["a port behind it is left off", "::1", "198.51.100.7:4711", "198.51.100.7"],
  ["in brackets as well", "::1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["what is no address is not believed", "10.1.2.3", "unknown, '; drop table", "10.1.2.3"],
  ["a stranger's is ignored", "192.0.2.1", "198.51.100.7", "192.0.2.1"],
])("%s", async (_, peer, forwarded, address) => {
  const headers = { host: "cloud.example.com", "x-forwarded-for": forwarded };
  expect(await asked(proxied, peer, headers)).toEqual([201, address]);
});

test("nobody is believed unless that is configured", async () => {
  const headers = { "x-forwarded-for": "198.51.100.7", "x-forwarded-host": "evil.example" };
  expect(await asked({}, "127.0.0.1", headers)).toEqual([201, "127.0.0.1"]);
});

test.each([
  ["cloud.example.com", {}, 200],
  ["CLOUD.example.com:443", {}, 200],
  ["cloud.example.com.", {}, 200],
  ["localhost:4000", {}, 200],
  ["evil.example", {}, 421],
  ["cloud.example.com.evil.example", {}, 421],
  ["evil.example", { "x-forwarded-host": "cloud.example.com" }, 421],
  ["127.0.0.1:4000", { "x-forwarded-host": "evil.example" }, 200],
])("a stranger asks for %s with %o: %i", async (host, headers, status) => {
  await using api = await startApi(proxied);
  const answer = await api.app.inject({ url: "/healthz", remoteAddress: "192.0.2.1", headers: { host, ...headers } });
  expect(answer.statusCode).toBe(status);
});

test.each([
  ["https://cloud.example.com.", "cloud.example.com"],
  ["https://CLOUD.example.com:8443", "cloud.example.com:8443"],
  ["https://[2001:DB8:0::1]", "[2001:db8::1]"],
  ["https://b\u00fccher.example", "xn--bcher-kva.example"],
])("as %s, the name %s is its own", async (publicUrl, host) => {
  await using api = await startApi({ publicUrl });
  const statusOf = async (name: string) =>
    (await api.app.inject({ url: "/healthz", headers: { host: name } })).statusCode;
  expect([await statusOf(host), await statusOf("evil.example")]).toEqual([200, 421]);
});

test.each(["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "localhost"])(
  "on %s, which is loopback, another name is not answered",
  async (host) => {
    await using api = await startApi({ host });
    const statusOf = async (name: string) =>
      (await api.app.inject({ url: "/healthz", headers: { host: name } })).statusCode;
    expect([await statusOf("localhost"), await statusOf("rebound.example")]).toEqual([200, 421]);
  },
);

test("a name that is listened on counts as the address that it has", async () => {
  await using api = await startApi({ host: "a-name-of-this-machine" });
  const { port } = new URL(await api.app.listen({ host: "127.0.0.1", port: 0 }));
  const statusOf = (host: string) =>
    new Promise((resolve) =>
      get({ host: "127.0.0.1", port, path: "/healthz", headers: { host } }, (answer) =>
        resolve(answer.resume().statusCode),
      ),
    );
  expect(await statusOf("rebound.example")).toBe(421);
  expect(await statusOf(`a-name-of-this-machine:${port}`)).toBe(200);
});

test.each([
  ["upstream", "cloud.example.com", 200],
  ["upstream", "evil.example", 421],
  ["cloud.example.com", "evil.example", 421],
])("a trusted proxy asks for %s in the name of %s: %i", async (host, forwarded, status) => {
  await using api = await startApi(proxied);
  const headers = { host, "x-forwarded-host": forwarded };
  const answer = await api.app.inject({ url: "/healthz", remoteAddress: "10.1.2.3", headers });
  expect(answer.statusCode).toBe(status);
});

test("the limit counts clients, not their proxy", async () => {
  await using api = await startApi({ ...proxied, requestsPerMinute: 2 });
  const ask = async (client: string) => {
    const headers = { host: "cloud.example.com", "x-forwarded-for": client };
    return (await api.app.inject({ url: "/healthz", remoteAddress: "10.1.2.3", headers })).statusCode;
  };
  expect([await ask("198.51.100.1"), await ask("198.51.100.1"), await ask("198.51.100.1")]).toEqual([200, 200, 429]);
  expect(await ask("198.51.100.2")).toBe(200);
});
