import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "undo" } as const;
const mebibyte = 1024 * 1024;

/** A provider whose every answer is this body. */
async function serve(body: Buffer, headers: object) {
  const seen = { cut: 0 };
  const server = createServer((_, response) => {
    response.on("close", () => (seen.cut += response.writableFinished ? 0 : 1));
    response.writeHead(422, { "content-type": "application/json", ...headers });
    response.end(body);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}`, seen };
}

test.for<[string, Buffer, object]>([
  ["plain", Buffer.alloc(64 * mebibyte, "x"), {}],
  ["in gzip", gzipSync(Buffer.alloc(256 * mebibyte)), { "content-encoding": "gzip" }],
])("a body of more than 16 MiB is not read to its end, %s", async ([, body, headers]) => {
  await using database = await createTestDatabase();
  const { url, seen } = await serve(body, headers);
  const client = connectDigitalOcean({ baseUrl: url, db: database.db });
  const before = process.memoryUsage.rss();
  const got = await failureOf(client.account.get(call));
  expect(got).toMatchObject({ reason: "unexpected_answer", effect: "none", status: 422 });
  expect(process.memoryUsage.rss() - before).toBeLessThan(150 * mebibyte);
  const made = client.domains.records.create("example.com", { type: "A", name: "a", data: "203.0.113.5" }, call);
  expect(await failureOf(made)).toMatchObject({ reason: "unexpected_answer", effect: "unknown", status: 422 });
  if (body.length > 16 * mebibyte) await expect.poll(() => seen.cut).toBe(2);
});

test("a body that is just short enough is read", async () => {
  await using database = await createTestDatabase();
  const body = { account: { uuid: "u", droplet_limit: 3, status: "active" }, more: "x".repeat(15 * mebibyte) };
  await using provider = await startScriptedProvider(() => ({ status: 200, body }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect(await client.account.get(call)).toMatchObject({ uuid: "u" });
});
