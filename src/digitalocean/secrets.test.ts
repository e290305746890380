import { inspect } from "node:util";
import { expect, test } from "vitest";
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
