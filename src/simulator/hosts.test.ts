import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { selfSigned } from "#test/self-signed.ts";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";
import { startSimulator } from "./server.ts";

interface Asked {
  port: number;
  host?: string;
  method?: string;
  path?: string;
  body?: object;
  ca?: string;
}

/** Asks with a Host header of one's own; over TLS when a certificate to trust is given. */
const ask = ({ port, host, ca, method = "GET", path = "/v2/account", body }: Asked) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const headers = { authorization: "Bearer t", ...(host !== undefined && { host }) };
    const common = { port, host: "127.0.0.1", method, path, headers };
    const sent = ca ? tlsRequest({ ...common, ca, servername: "api.digitalocean.com" }) : plainRequest(common);
    sent.on("error", reject);
    sent.on("response", (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode, body: read }), reject);
    });
    sent.end(body && JSON.stringify(body));
  });

const statusFor = async (port: number, host: string): Promise<number | undefined> => (await ask({ port, host })).status;

test("over TLS and by its public URL it is https://api.digitalocean.com, in every link", async () => {
  const tls = selfSigned(["api.digitalocean.com"]);
  const { port, url } = await testSimulator({ calm: true, tls, publicUrl: "https://api.digitalocean.com/" });
  expect(url).toBe(`https://127.0.0.1:${port}`);
  const asked = { port, host: "api.digitalocean.com", ca: tls.cert };
  const created = await ask({ ...asked, method: "POST", path: "/v2/droplets", body: { ...smallDroplet, tags: ["a"] } });
  expect(JSON.parse(created.body).links.actions[0].href).toMatch(
    /^https:\/\/api\.digitalocean\.com\/v2\/actions\/\d+$/,
  );
  await ask({ ...asked, method: "POST", path: "/v2/droplets", body: smallDroplet });
  const page = await ask({ ...asked, path: "/v2/droplets?per_page=1" });
  expect(JSON.parse(page.body).links.pages.next).toMatch(/^https:\/\/api\.digitalocean\.com\/v2\/droplets\?/);
  const near = await ask({ ...asked, host: `127.0.0.1:${port}`, path: "/v2/droplets?per_page=1" });
  expect(near.body).toBe(page.body);
  const tag = await ask({ ...asked, path: "/v2/tags/a" });
  expect(tag.body).toContain("https://api.digitalocean.com/v2/droplets/");
  await expect(ask({ port, host: "api.digitalocean.com" })).rejects.toThrow();
  await expect(ask({ ...asked, ca: selfSigned(["api.digitalocean.com"]).cert })).rejects.toThrow(/self-signed/);
});

test("without a public URL, links are https where TLS is spoken, and by the name that was asked", async () => {
  const tls = selfSigned(["api.digitalocean.com"]);
  const { port } = await testSimulator({ calm: true, tls });
  const answer = await ask({ port, ca: tls.cert, host: `localhost:${port}`, path: "/v2/images?per_page=1" });
  expect(JSON.parse(answer.body).links.pages.next).toContain(`https://localhost:${port}/v2/images`);
});

test("on loopback only loopback names are answered, and the public URL's host", async () => {
  const { port } = await testSimulator({ publicUrl: "http://digitalocean:4010" });
  for (const host of [`127.0.0.1:${port}`, "localhost", "[::1]:80", "digitalocean", "Digitalocean:4010"])
    expect(await statusFor(port, host)).toBe(200);
  for (const host of ["api.digitalocean.com", "digitalocean.example", "10.0.0.7", "192.0.2.1:4010", "127.0.0.1.nip.io"])
    expect(await statusFor(port, host)).toBe(421);
});

test("beyond loopback addresses are answered too, and names still are not", async () => {
  const { port, url } = await testSimulator({ host: "0.0.0.0" });
  expect(url).toBe(`http://127.0.0.1:${port}`);
  for (const host of ["127.0.0.1", `10.0.0.7:${port}`, "[2001:db8::7]:4010", "localhost"])
    expect(await statusFor(port, host)).toBe(200);
  for (const host of ["rebound.example", "10.0.0.7.nip.io", "digitalocean"])
    expect(await statusFor(port, host)).toBe(421);
});

test("a certificate of no use, and an address that is not this machine's, are said", async () => {
  await expect(startSimulator({ tls: { cert: "no", key: "no" } })).rejects.toThrow(/certificate and key/);
  await expect(startSimulator({ host: "192.0.2.1" })).rejects.toThrow("cannot listen on 192.0.2.1, port 0");
});
