import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApi } from "#test/api.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "arcadia-dashboard-"));
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(directory, "assets", "index-abc.js"), "export const large = 1;\n".repeat(1000));
});
afterEach(() => rm(directory, { recursive: true }));

const open = { token: null };

test("the page needs no token, runs no code of others, and is asked for again each time", async () => {
  await using api = await startApi({ dashboard: async () => directory });
  const page = await api.call("GET", "/?from=a-bookmark", undefined, open);
  expect(page.status).toBe(200);
  expect(page.text).toContain("<title>page</title>");
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(page.headers["cache-control"]).toBe("no-cache");
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/unsafe|https:|\*|upgrade/);

  const etag = String(page.headers["etag"]);
  const again = await api.call("GET", "/", undefined, { ...open, headers: { "if-none-match": etag } });
  expect([again.status, again.text]).toEqual([304, ""]);
});

test("its files are kept by browsers for good, and packed for those that unpack", async () => {
  await using api = await startApi({ dashboard: async () => directory });
  const plain = await api.call("GET", "/assets/index-abc.js", undefined, open);
  expect(plain.text).toHaveLength(24_000);
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  for (const [accepted, encoding] of [
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, identity", "gzip"],
  ] as const) {
    const headers = { "accept-encoding": accepted };
    const packed = await api.call("GET", "/assets/index-abc.js", undefined, { ...open, headers });
    expect(packed.headers["content-encoding"]).toBe(encoding);
    expect(Number(packed.headers["content-length"])).toBeLessThan(1000);
  }
});

test.each([
  "/assets/index-old.js",
  "/assets/..%2findex.html",
  "/assets/%2e%2e%2f%2e%2e%2fpackage.json",
  "/favicon.ico",
])("%s is not there", async (path) => {
  await using api = await startApi({ dashboard: async () => directory });
  expect((await api.call("GET", path, undefined, open)).status).toBe(404);
});

test("a build that failed is a 503, and is tried again", async () => {
  let tries = 0;
  const dashboard = async () => {
    tries += 1;
    if (tries === 1) throw new Error("no space left on device");
    return directory;
  };
  await using api = await startApi({ dashboard });
  const failed = await api.call("GET", "/", undefined, open);
  expect([failed.status, failed.body.code]).toEqual([503, "unavailable"]);
  expect(failed.text).not.toContain("no space");
  expect((await api.call("GET", "/", undefined, open)).status).toBe(200);
});
