import { inspect } from "node:util";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "#config.ts";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf, testToken } from "#test/digitalocean-client.ts";
import { type ScriptedAnswer, type SeenRequest, startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "create" } as const;
const user_data = "#cloud-config\npassword: hunter2-hunter2";
const input = { name: "a", region: "syd1", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", tags: [], user_data };

/** Quotes everything it was sent, as a debugging proxy does. */
const echo = ({ headers, body }: SeenRequest) => `${headers.authorization} ${JSON.parse(body).user_data}`;

test.for<[string, (request: SeenRequest) => ScriptedAnswer]>([
  ["a refusal", (seen) => ({ status: 422, body: { id: echo(seen), message: echo(seen) } })],
  ["a refusal of one line", (seen) => ({ status: 422, body: { id: "x", message: echo(seen).split("\n")[1] ?? "" } })],
  ["a tag's refusal", (seen) => ({ status: 400, body: { error: echo(seen) } })],
  ["text", (seen) => ({ status: 202, body: echo(seen) })],
  ["JSON of another shape", (seen) => ({ status: 202, body: { droplet: { id: echo(seen) } } })],
  ["nothing", () => "reset"],
])("neither token nor user_data come back in %s, in a log or in a row", async ([, answer]) => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(answer);
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.create(input, call));
  const rows = await database.db.selectFrom("provider_requests").selectAll().execute();
  expect(provider.requests[0]?.headers.authorization).toBe(`Bearer ${testToken}`);
  expect(provider.requests[0]?.body).toContain("hunter2");
  expect(rows).toHaveLength(1);
  expect(client.logged()).toContain("POST /v2/droplets");
  for (const told of [inspect(error, { depth: 20, showHidden: true }), client.logged(), JSON.stringify(rows)]) {
    expect(told).not.toContain(testToken);
    expect(told).not.toContain("hunter2");
  }
});

const script = '#!/bin/sh\nexport KEY="hunter2/<hunter2>"; curl -d \'{"k":"hünter2"}\' https://x.example';
const json = JSON.stringify(script);
const htmlSafe = json.replace(/[<>&]/g, (it) => `\\u00${it.charCodeAt(0).toString(16)}`);

test.for<[string, string]>([
  ["as it is", script],
  ["in JSON", json],
  ["in JSON, cut off", json.slice(0, 38)],
  ["cut off at its beginning", json.slice(28)],
  ["in JSON in JSON", JSON.stringify(json)],
  ["in JSON that HTML may hold", htmlSafe],
  ["in JSON that HTML may hold, cut off", htmlSafe.slice(0, 36)],
  ["in ASCII", json.replace("ü", "\\u00fc")],
  ["after much else", `${"x".repeat(480)}${json}`],
  ["at the end of what is read", `${script.repeat(59)}${"x".repeat(10)}${json}`],
])("user_data quoted %s does not come back, and the rest of the message does", async ([, quoted]) => {
  await using database = await createTestDatabase();
  const body = { id: "unprocessable_entity", message: `Not valid: ${quoted}` };
  await using provider = await startScriptedProvider(() => ({ status: 422, body }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.create({ ...input, user_data: script }, call));
  expect(error).toMatchObject({ reason: "invalid", detail: expect.stringMatching(/^Not valid: /) });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/h[uü]nter2|hunte|KEY/);
});

test("part of the token does not come back either", async () => {
  await using database = await createTestDatabase();
  const body = { id: "unauthorized", message: `Bearer ${testToken.slice(0, 18)}... is not known` };
  await using provider = await startScriptedProvider(() => ({ status: 401, body }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect(await failureOf(client.account.get(call))).toMatchObject({ detail: "Bearer [redacted]... is not known" });
});

test("a token that no header can carry is a fault of the configuration, and is not quoted", async () => {
  await using database = await createTestDatabase();
  for (const token of ["dop_v1_secret\n0123456789", "dop_v1_secret 0123456789", "dop_v1_secrét", ""]) {
    const connect = () => connectDigitalOcean({ baseUrl: "http://127.0.0.1:9", db: database.db, token });
    expect(connect).toThrow(ConfigError);
    expect(connect).toThrow(/^(?!.*dop_v1)/);
  }
});

test.for(["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"])("%s is one line of printable ASCII", (name) => {
  for (const value of ["dop_v1_secret\n0123456789", "dop_v1_secret 0123456789", "dop_v1_secrét"]) {
    expect(() => readConfig({ [name]: value })).toThrow(`${name}: must be one line of printable ASCII`);
    expect(() => readConfig({ [name]: value })).toThrow(/^(?!.*dop_v1)/s);
  }
  expect(readConfig({ [name]: `  ${testToken}\n` }).provider.token).toBe(testToken);
});

test("what fetch says of the request that it could not send is not told", async () => {
  await using database = await createTestDatabase();
  const refuses = (told: string) => async () => {
    throw new TypeError("fetch failed", {
      cause: new TypeError(`Headers.append: "${told}" is an invalid header value.`),
    });
  };
  for (const told of [`Bearer ${testToken}`, JSON.stringify({ user_data })]) {
    const client = connectDigitalOcean({ baseUrl: "http://127.0.0.1:9", db: database.db, fetch: refuses(told) });
    const error = await failureOf(client.droplets.create(input, call));
    expect(error.message).toContain("the connection failed (TypeError)");
    for (const shown of [inspect(error, { depth: 20, showHidden: true }), client.logged()]) {
      expect(shown).not.toContain(testToken);
      expect(shown).not.toContain("hunter2");
    }
  }
});

test.for(["GET", "DELETE"])("%s: a redirect is refused, so the token stays with the base URL", async (method) => {
  await using database = await createTestDatabase();
  await using elsewhere = await startScriptedProvider(() => ({ status: 204 }));
  await using provider = await startScriptedProvider(() => ({ status: 307, headers: { location: elsewhere.url } }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const asked = method === "GET" ? client.account.get(call) : client.droplets.delete(7, call);
  expect(await failureOf(asked)).toMatchObject({ reason: "unexpected_answer", status: 307 });
  expect(provider.requests).toHaveLength(1);
  expect(elsewhere.requests).toHaveLength(0);
});

test("a value in a path stays within its segment", async () => {
  await using database = await createTestDatabase();
  await using provider = await startScriptedProvider(() => ({ status: 204 }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  await client.tags.delete("a/../b?c", call);
  expect(provider.requests.map(({ path }) => path)).toEqual(["/v2/tags/a%2F..%2Fb%3Fc"]);
  await expect(client.tags.delete("..", call)).rejects.toThrow(TypeError);
  await expect(client.tags.delete("", call)).rejects.toThrow(TypeError);
  expect(provider.requests).toHaveLength(1);
});
