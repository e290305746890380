import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { acme, openFakeApi, sendJson } from "#test/fake-api.ts";

const theirs = { ...acme, a_field_of_the_next_release: true };
const create = ["tenants", "create", "acme", "--json"];

test("after a lost connection a POST is asked again under the same Idempotency-Key", async () => {
  const api = await openFakeApi({
    "POST /v1/tenants": (request, response, call) =>
      call === 1 ? request.socket.destroy() : sendJson(response, 201, theirs),
  });
  expect(await api.run(create)).toBe(0);
  expect(await api.run(create)).toBe(0);
  await api.close();
  const [first, second, other] = api.calls.map((it) => it.headers["idempotency-key"]);
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

test("--json is the API's answer, fields of another release included", async () => {
  const api = await openFakeApi({ "POST /v1/tenants": (_, response) => sendJson(response, 201, theirs) });
  await api.run(create);
  expect(JSON.parse((await api.close()).stdout)).toEqual(theirs);
});

test("--all follows the pages and gives one list", async () => {
  const api = await openFakeApi({
    "GET /v1/tenants": ({ url }, response) =>
      sendJson(response, 200, { items: [theirs], next_cursor: url?.includes("cursor=two") ? null : "two" }),
  });
  await api.run(["tenants", "list", "--all", "--json"]);
  expect(JSON.parse((await api.close()).stdout)).toEqual({ items: [theirs, theirs], next_cursor: null });
});

test("every fault of a refused request is on a line of its own", async () => {
  const errors = [
    { path: "slug", message: "must be lower-case letters" },
    { path: "hostnames.0", message: "must be a DNS name" },
  ];
  const detail = "2 fields are wrong; nothing was written";
  const body = {
    type: "about:blank",
    title: "The request is not valid",
    status: 422,
    code: "validation_failed",
    detail,
    errors,
  };
  const api = await openFakeApi({ "POST /v1/tenants": (_, response) => sendJson(response, 422, body) });
  expect(await api.run(["tenants", "create", "acme"])).toBe(2);
  expect(await api.run(create)).toBe(2);
  expect((await api.close()).stderr).toBe(
    `arcadia: The request is not valid (422 validation_failed)\n` +
      "  slug: must be lower-case letters\n  hostnames.0: must be a DNS name\n" +
      `${JSON.stringify(body)}\n`,
  );
});

test.for([
  [["tenants", "list", "--bogus"], "unknown option '--bogus'"],
  [["tenants", "update"], "missing required argument 'tenant'"],
  [["tenants", "update", "acme"], "nothing to change"],
] as const)("with --json %s is told as a problem, too", async ([args, title]) => {
  const api = await openFakeApi({});
  expect(await api.run([...args, "--json"])).toBe(2);
  expect(JSON.parse((await api.close()).stderr)).toMatchObject({
    code: "usage",
    title: expect.stringContaining(title),
  });
});

test("an answer of another release is told by a few of the places where it is odd", async () => {
  const list = { items: [{}, {}], next_cursor: null };
  const api = await openFakeApi({ "GET /v1/tenants": (_, response) => sendJson(response, 200, list) });
  expect(await api.run(["tenants", "list"])).toBe(1);
  const { stderr } = await api.close();
  expect(stderr).toMatch(
    /are the server and the CLI of one version\? It is about items\.0\.id, [\w.]+, [\w.]+ and \d+ more\n/,
  );
});

test("a server that is not there is told with what starts it", async () => {
  const api = await openFakeApi({});
  api.stop();
  expect(await api.run(["tenants", "create", "acme"])).toBe(6);
  const { stderr } = await api.close();
  expect(stderr).toContain(`Nothing answers at ${api.url}. Start the server with npm start`);
});

test("the token of this machine's data directory is used on this machine only", async () => {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-cli-"));
  const file = join(directory, "admin-token");
  await writeFile(file, "arc_of_this_machine\n");
  await chmod(file, 0o644);
  const api = await openFakeApi({ "POST /v1/tenants": (_, response) => sendJson(response, 201, theirs) });
  onTestFinished(async () => {
    await api.close();
    await rm(directory, { recursive: true });
  });
  const env = { ARCADIA_API_URL: api.url, ARCADIA_DATA_DIR: directory };
  expect(await api.run(create, env)).toBe(0);
  expect(api.calls[0]?.headers.authorization).toBe("Bearer arc_of_this_machine");
  expect(String(api.stderr.read())).toContain(`chmod 600 ${file}`);
  const elsewhere = { ...env, ARCADIA_API_URL: "https://arcadia.example.com" };
  expect(await api.run(create, elsewhere)).toBe(2);
  expect(await api.run(create, { ...elsewhere, ARCADIA_ADMIN_TOKEN: "a".repeat(43) })).toBe(2);
  expect(String(api.stderr.read())).toContain("set ARCADIA_API_TOKEN");
});

test("no token goes to another machine without encryption, unless that is allowed, nor another one than was meant", async () => {
  const api = await openFakeApi({ "POST /v1/tenants": (_, response) => sendJson(response, 201, theirs) });
  onTestFinished(async () => void (await api.close()));
  const token = { ARCADIA_API_TOKEN: "arc_of_another_machine" };
  // Nothing listens at either: what is refused is refused before.
  for (const url of ["http://arcadia.example.com", "http://192.0.2.1:4000", "http://127.evil.example"]) {
    expect(await api.run(create, { ...token, ARCADIA_API_URL: url, HOST: new URL(url).hostname })).toBe(2);
    expect(String(api.stderr.read())).toMatch(/unencrypted.*nothing was sent.*https.*ARCADIA_API_ALLOW_HTTP=true/s);
  }
  const nowhere = { ...token, ARCADIA_API_URL: "http://arcadia.invalid" };
  expect(await api.run(create, { ...nowhere, ARCADIA_API_ALLOW_HTTP: "true" })).toBe(6);
  const { port } = new URL(api.url);
  expect(await api.run(create, { ...token, ARCADIA_API_URL: `http://127.0.0.1:${port}` })).toBe(0);
  expect(await api.run(create, { HOST: "127.0.0.1", PORT: port, ...token })).toBe(0);

  api.calls.length = 0;
  const admin = { ARCADIA_API_URL: api.url, ARCADIA_ADMIN_TOKEN: "a".repeat(43), ARCADIA_API_TOKEN: "" };
  expect(await api.run(create, admin)).not.toBe(0);
  expect(String(api.stderr.read())).toContain("ARCADIA_API_TOKEN: must not be empty");
  expect(api.calls).toEqual([]);
});
