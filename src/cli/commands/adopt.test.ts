import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acme, openFakeApi, sendJson } from "#test/fake-api.ts";

let directory: string;
let path: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "arcadia-adopt-"));
  path = join(directory, "droplets.csv");
  const rows = ["17,a.example.com,acme", "18,b.example.com,nobody", "19,c.example.com,acme"];
  await writeFile(path, ["provider_id,hostname,tenant", ...rows].join("\n"));
});
afterAll(() => rm(directory, { recursive: true }));
const refusal = {
  type: "about:blank",
  title: "The request is not valid",
  status: 422,
  code: "validation_failed",
  detail: "1 field is wrong",
  errors: [{ path: "provider_id", message: "the droplet is not active" }],
};

/** An API that knows acme, and refuses every adoption. */
const open = () =>
  openFakeApi({
    "GET /v1/tenants": ({ url }, response) =>
      sendJson(response, 200, { items: url?.includes("slug=acme") ? [acme] : [], next_cursor: null }),
    "POST /v1/deployments/adopt": (_, response) => sendJson(response, 422, refusal),
  });

test.for(["--preview", "--dry-run"])("with a file, %s starts nothing", async (option) => {
  const api = await open();
  await api.run(["adopt", "--from-file", path, option]);
  await api.close();
  const posted = api.calls.filter((it) => it.route.startsWith("POST")).map((it) => it.url);
  expect(posted).toEqual(Array(2).fill("/v1/deployments/adopt?preview=true"));
});

test("a line that is refused says why, and keeps no other from being asked for", async () => {
  const api = await open();
  expect(await api.run(["adopt", "--from-file", path])).toBe(1);
  const why = "The request is not valid (422 validation_failed); provider_id: the droplet is not active";
  expect((await api.close()).stdout.split("\n")).toEqual([
    `17  a.example.com  ${why}`,
    "18  b.example.com  There is no tenant nobody; see arcadia tenants list",
    `19  c.example.com  ${why}`,
    "0 of 3 are being adopted",
    "",
  ]);
});

test.for([
  ["--tenant", "acme"],
  ["--droplet", "17"],
  ["--hostname", "a.example.com"],
  ["--dns", "manage"],
  ["--watch"],
])("with a file, %s makes no sense and is refused", async (option) => {
  const api = await open();
  expect(await api.run(["adopt", "--from-file", path, ...option])).toBe(2);
  const { stderr } = await api.close();
  expect([api.calls, stderr]).toEqual([[], expect.stringMatching(`--from-file.*cannot be used with.*${option[0]}`)]);
});
