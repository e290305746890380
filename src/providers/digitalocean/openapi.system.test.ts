import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean } from "#test/digitalocean-client.ts";
import { startScriptedProvider } from "#test/scripted-provider.ts";

const file = new URL("../../../../shared/digitalocean/openapi-subset.json", import.meta.url);
const missing = !existsSync(file);
if (missing)
  console.warn(`SKIPPED: requests are not checked against DigitalOcean's OpenAPI document, no ${file.pathname}`);

const reference = z.object({ $ref: z.string() });
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: z.object({}).loose(),
});
const operation = z.object({
  parameters: z.array(z.union([reference, parameter])).default([]),
  requestBody: z
    .object({ content: z.object({ "application/json": z.object({ schema: z.object({}).loose() }) }) })
    .optional(),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ parameters: z.record(z.string(), parameter) }).loose(),
});

/** Checks a request against the operation that its path belongs to; returns what is wrong with it. */
function openDocument() {
  const text = readFileSync(file, "utf8");
  const openapi = document.parse(JSON.parse(text));
  const checker = (coerceTypes: boolean) => {
    const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes });
    formats.default(ajv);
    ajv.addSchema(JSON.parse(text), "openapi");
    return (schema: object, value: unknown) => {
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'));
      return ajv.validate(absolute, value) ? [] : (ajv.errors ?? []).map((it) => `${it.instancePath} ${it.message}`);
    };
  };
  const checkText = checker(true);
  const checkJson = checker(false);
  const template = (path: string) =>
    Object.keys(openapi.paths).find((it) => new RegExp(`^${it.replace(/\{\w+\}/g, "[^/]+")}$`).test(path));

  return (method: string, url: string, body: string): string[] => {
    const { pathname, searchParams } = new URL(url, "http://host");
    const path = template(pathname);
    const found = path && openapi.paths[path]?.[method.toLowerCase()];
    if (!found) return [`no operation ${method} ${pathname}`];
    const { parameters, requestBody } = operation.parse(found);
    const known = parameters
      .map((it) => ("$ref" in it ? openapi.components.parameters[it.$ref.split("/").at(-1) ?? ""] : it))
      .filter((it) => it?.in === "query");
    const faults = [...searchParams].flatMap(([name, value]) => {
      const spec = known.find((it) => it?.name === name);
      return spec ? checkText(spec.schema, value).map((fault) => `?${name}: ${fault}`) : [`unknown parameter ${name}`];
    });
    if (requestBody) faults.push(...checkJson(requestBody.content["application/json"].schema, JSON.parse(body)));
    else if (body !== "") faults.push("a body where none belongs");
    return faults;
  };
}

test.skipIf(missing)("the check finds what is wrong", () => {
  const faults = openDocument();
  const droplet = { name: "a", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" };
  expect(faults("POST", "/v2/droplets", JSON.stringify(droplet))).toEqual([]);
  expect(faults("POST", "/v2/droplets", JSON.stringify({ ...droplet, image: undefined }))).not.toEqual([]);
  expect(faults("POST", "/v2/droplets", JSON.stringify({ ...droplet, tags: "a" }))).not.toEqual([]);
  expect(faults("GET", "/v2/droplets?per_page=201", "")).not.toEqual([]);
  expect(faults("GET", "/v2/droplets?tag=a", "")).toEqual(["unknown parameter tag"]);
  expect(faults("GET", "/v2/nothing", "")).toEqual(["no operation GET /v2/nothing"]);
});

test.skipIf(missing)("every request is one that DigitalOcean documents", async () => {
  await using database = await createTestDatabase();
  // Each request is refused: it is the request that is looked at.
  await using provider = await startScriptedProvider(() => ({ status: 400 }));
  const api = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const call = { priority: "undo" } as const;
  const droplet = { name: "a.example.com", region: "syd1", size: "s-1vcpu-1gb", tags: ["arcadia-saga-1"] };
  const record = { type: "A", name: "app", data: "203.0.113.5", ttl: 60, priority: null, port: null };
  const volume = { name: "app", region: "syd1", size_gigabytes: 10 };
  const volumeId = "506f78a4-e098-11e5-ad9f-000f53306ae1";
  const { records } = api.domains;
  const requests = [
    api.droplets.create({ ...droplet, image: "ubuntu-24-04-x64", ssh_keys: [1, "ab:cd"], user_data: "#!" }, call),
    api.droplets.create({ ...droplet, image: "12345", volumes: [volumeId] }, call),
    api.droplets.get(1, call),
    api.droplets.list(undefined, call),
    api.droplets.list({ tag_name: "a:b" }, call),
    api.droplets.list({ name: "a.example.com" }, call),
    api.droplets.delete(1, call),
    api.domains.get("example.com", call),
    records.list("example.com", { name: "app.example.com", type: "A" }, call),
    records.get("example.com", 1, call),
    records.create("example.com", record, call),
    records.replace("example.com", 1, record, call),
    records.delete("example.com", 1, call),
    api.snapshots.list("volume", call),
    api.snapshots.ofVolume(volumeId, "app-data", call),
    api.volumes.create({ ...volume, filesystem_type: "xfs", filesystem_label: "arcadia-data", tags: ["a"] }, call),
    api.volumes.get(volumeId, call),
    api.volumes.list({ name: "app", region: "syd1" }, call),
    api.volumes.delete(volumeId, call),
    api.volumes.act(volumeId, { type: "attach", droplet_id: 1 }, call),
    api.volumes.act(volumeId, { type: "detach", droplet_id: 1 }, call),
    api.volumes.act(volumeId, { type: "resize", size_gigabytes: 20 }, call),
    api.volumes.actions(volumeId, call),
    api.firewalls.list(call),
    api.reservedIps.list(call),
    api.tags.list(call),
    api.tags.get("arcadia-install-1", call),
    api.tags.delete("arcadia-saga-1", call),
    api.account.get(call),
    api.sizes.list(call),
    api.regions.list(call),
    api.images.list(call),
  ];
  await Promise.allSettled(requests);
  expect(provider.requests).toHaveLength(requests.length);
  const faults = openDocument();
  const wrong = provider.requests.map(({ method, path, body }) => ({
    request: `${method} ${path}`,
    faults: faults(method, path, body),
  }));
  expect(wrong.filter((it) => it.faults.length > 0)).toEqual([]);
});
