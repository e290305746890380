import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { isLeftOut } from "#test/left-out-document.ts";
import { documentIsThere, officialOperations } from "#test/official-document.ts";
import { withOperations } from "#test/simulator-operations.ts";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";
import { otherOperations } from "./not-simulated.ts";
import { routes } from "./routes.ts";

const calm = { calm: true, bootMs: 0, rateLimits: "off" } as const;

test.each(["/v2/droplets/", "/v2/droplets//", "//v2/droplets", "/v2//droplets///"])(
  "%s is /v2/droplets, with a query and without",
  async (path) => {
    const { call, state, url } = await testSimulator(calm);
    for (const name of ["web-1", "web-2"])
      expect((await call("POST", path, { ...smallDroplet, name, tags: ["a"] })).status).toBe(202);
    expect((await call("GET", path)).body.meta.total).toBe(2);
    const page = (await call("GET", `${path}?tag_name=a&per_page=1`)).body;
    expect(page.links.pages.next).toBe(`${url}/v2/droplets?tag_name=a&per_page=1&page=2`);
    expect((await call("DELETE", `${path}?tag_name=a`)).status).toBe(204);
    expect(state().requests.by_route).toMatchObject({ "POST /v2/droplets": 2, "GET /v2/droplets": 2 });
  },
);

test("the slashes are nothing to a name in the path, an armed fault or a control call", async () => {
  const { call, arm } = await testSimulator(calm);
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  expect((await call("GET", `/v2/droplets/${id}/`)).body.droplet.id).toBe(id);
  await arm({ method: "GET", path: "^/v2/account$", kind: "status", status: 503 });
  expect((await call("GET", "/v2/account//")).status).toBe(503);
  expect((await call("GET", "/_sim//state/")).body.created_total).toBe(1);
});

test.each(["null", "", " \n", "{}", "[]", '"x"', "7", "{", "not json", "x".repeat(1_100_000)])(
  "the body %j of a DELETE is nothing",
  async (body) => {
    const { call } = await testSimulator(calm);
    const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"])
      expect((await call("DELETE", `/v2/droplets/${id + 1}`, body, { "content-type": type })).status).toBe(404);
    expect((await call("DELETE", `/v2/droplets/${id}`, body)).status).toBe(204);
    await call("POST", "/v2/tags", { name: "a" });
    expect((await call("DELETE", "/v2/tags/a/resources", body)).status).toBe(422);
  },
);

test.each(["null", "{", "x".repeat(1_100_000)])("the body %j of a GET is nothing", async (body) => {
  const { handle } = await testSimulator(calm);
  // No fetch sends one, so it is handed in where the server hands it in.
  const answer = await handle({ method: "GET", path: "/v2/account", headers: { authorization: "Bearer t" }, body });
  expect(answer).toMatchObject({ status: 200 });
});

test.each([
  ["GET", "/v2/apps"],
  ["POST", "/v2/kubernetes/clusters"],
  ["GET", "/v2/monitoring/metrics/droplet/cpu?host_id=1"],
  ["GET", "/v2/droplets/autoscale"],
  ["GET", "/v2/droplets/1/destroy_with_associated_resources"],
  ["PUT", "/v2/droplets/1"],
  ["PATCH", "/v2/account"],
  ["POST", "/v2/sizes"],
  ["DELETE", "/v2/load_balancers/1/"],
])("%s %s is said not to be simulated", async (method, path) => {
  const { call } = await testSimulator(calm);
  const answer = await call(method, path, method === "GET" ? undefined : {});
  expect([answer.status, answer.body.id]).toEqual([501, "not_simulated"]);
  expect(answer.body.message).toContain(`${method} ${path.split("?")[0]?.replace(/\/$/, "")}`);
  expect((await call(method, path, undefined, { authorization: "" })).status).toBe(401);
});

test.each(["/v2/nothing", "/v2", "/", "/v2/droplets/1/nothing", "/v1/droplets", "/v2/appsx", "/v3/apps"])(
  "%s is nothing of DigitalOcean's, and its own 404",
  async (path) => {
    const { call } = await testSimulator(calm);
    const answer = await call("GET", path);
    expect([answer.status, answer.body.id]).toEqual([404, "not_found"]);
  },
);

test("HEAD is a GET without the body, and OPTIONS says what a web page may do", async () => {
  const { call } = await testSimulator(calm);
  const [head, get] = [await call("HEAD", "/v2/account"), await call("GET", "/v2/account")];
  expect([head.status, head.body]).toEqual([200, ""]);
  expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
  expect(head.headers.get("ratelimit-limit")).toBe("5000");
  expect((await call("HEAD", "/v2/droplets/1")).status).toBe(404);
  const options = await call("OPTIONS", "/v2/droplets/", undefined, { authorization: "" });
  expect(options.status).toBe(204);
  expect(options.headers.get("access-control-allow-methods")).toBe("GET, POST, PUT, PATCH, DELETE, OPTIONS");
  expect((await call("OPTIONS", "/v2/nothing")).status).toBe(404);
});

test("the README's table is that of the routes: `npm run generate` makes it so", async () => {
  const readme = await readFile(new URL("./README.md", import.meta.url), "utf8");
  expect(withOperations(readme)).toBe(readme);
});

test.skipIf(!documentIsThere)(
  documentIsThere
    ? "every operation of the official document is simulated or said not to be, and nothing else is"
    : "SKIPPED: ../shared/digitalocean/openapi-subset.json is not there, so the routes are not compared with it",
  () => {
    const bare = (operation: string): string => operation.replaceAll(/\{\w+\}/g, "{}");
    const simulated = routes.map(([method, template]) => `${method} ${template}`);
    const official = officialOperations().map(bare);
    const ours = [...simulated, ...otherOperations].map(bare);
    expect(official.filter((each) => !ours.includes(each))).toEqual([]);
    expect(simulated.map(bare).filter((each) => !official.includes(each) && !isLeftOut(each))).toEqual([]);
    expect(ours.filter((each, index) => ours.indexOf(each) !== index)).toEqual([]);
  },
);
