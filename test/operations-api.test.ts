import { expect, test, vi } from "vitest";
import { contractOf, operationNames, sagaOfOperation } from "#api/operations.ts";
import { allOperations } from "#sagas/operations/all.ts";
import { createTestDatabase } from "./database.ts";
import { serveOn, type Served } from "./served.ts";
import { until } from "./stack.ts";

vi.setConfig({ testTimeout: 180_000 });

test("every operation of the contract is there, asks for the same power, and names its saga as the API does", () => {
  const told = operationNames.map((name) => {
    const { power, wantsGone } = contractOf(name);
    return [name, { power, wantsGone, saga: sagaOfOperation(name) }];
  });
  const made = Object.entries(allOperations).map(([name, { power, wantsGone, saga }]) => [
    name,
    { power, wantsGone, saga: saga.name },
  ]);
  expect(Object.fromEntries(made)).toEqual(Object.fromEntries(told));
});

const bodies: Record<string, object> = {
  resize: { size_slug: "s-2vcpu-2gb" },
  rebuild: { image: "debian-13-x64" },
  restore: { snapshot: "one" },
};

/** A deployment in the status, of a tenant of its own. */
async function deployment(served: Served, slug: string, provision: boolean) {
  const { body: tenant } = await served.get("POST", "/v1/tenants", {
    slug,
    name: slug,
    hostnames: [`*.${slug}.example.com`],
  });
  const spec = { region: "syd1", size_slug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64" };
  const place = { tenant_id: tenant.id, name: slug, hostname: `app.${slug}.example.com` };
  const { body } = await served.get("POST", "/v1/deployments", { ...spec, ...place, provision });
  const url = `/v1/deployments/${body.id}`;
  const show = async () => (await served.get("GET", url)).body;
  const isFree = async () => {
    const it = await show();
    return ["completed", "rolled_back", "stuck"].includes(it.saga.status) && it;
  };
  if (provision) await until("it to be active", async () => (await show()).status === "active");
  return { url, tenant, show, isFree };
}

test("what makes no sense is refused with its reason before anything is written or sent, and the rest is done", async () => {
  const database = await createTestDatabase();
  try {
    await using served = await serveOn(database.url);
    const pending = await deployment(served, "pending", false);
    const gone = await deployment(served, "gone", false);
    await served.get("DELETE", gone.url);
    const acme = await deployment(served, "acme", true);
    const other = await deployment(served, "other", true);
    await until("the catalogue", async () => (await served.ask("GET", "/v1/catalogue")).body.sizes.length > 0);
    const token = async (tenant_id: string | null, role: string) =>
      (await served.get("POST", "/v1/tokens", { name: `${role}-${tenant_id}`, role, ...(tenant_id && { tenant_id }) }))
        .body.token as string;
    const [own, viewer] = [await token(acme.tenant.id, "operator"), await token(null, "viewer")];
    const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

    for (const name of operationNames) {
      const body = bodies[name] ?? {};
      for (const { url } of [pending, gone]) {
        expect(await served.ask("POST", `${url}/${name}`, body)).toMatchObject({
          status: 409,
          body: { code: "illegal_transition" },
        });
      }
      const unseen = contractOf(name).isOfAdopted ? 403 : 404;
      expect((await served.ask("POST", `${other.url}/${name}`, body, as(own))).status).toBe(unseen);
      expect((await served.ask("POST", `${other.url}/${name}?preview=true`, body, as(own))).status).toBe(unseen);
      expect((await served.ask("POST", `${acme.url}/${name}`, body, as(viewer))).status).toBe(403);
    }
    expect((await served.ask("GET", `${other.url}/snapshots`, undefined, as(own))).status).toBe(404);

    const health_check = { protocol: "tcp", port: 80 };
    await served.get("POST", "/v1/releases", { name: "web-1", image: "ubuntu-24-04-x64", health_check });
    await served.get("POST", "/v1/releases", { name: "unasked", image: "ubuntu-24-04-x64" });
    const faults: [string, object, string, string][] = [
      ["resize", { size_slug: "s-1vcpu-1gb" }, "size_slug", "already"],
      ["resize", { size_slug: "s-nothing" }, "size_slug", "there is no size"],
      ["resize", { size_slug: "c-2" }, "size_slug", "not available in syd1"],
      ["resize", { size_slug: "s-1vcpu-512mb-10gb" }, "size_slug", "a disk cannot shrink"],
      ["resize", {}, "size_slug", ""],
      ["rebuild", { image: "no-such-image" }, "image", "there is no image"],
      ["rebuild", { image: "debian-13-x64", user_data: "#cloud-config" }, "user_data", "replace"],
      ["rebuild", { image: "debian-13-x64", release: "v2" }, "release", "replace"],
      ["restore", { snapshot: "no-such" }, "snapshot", "has no snapshot"],
      ["snapshot", { keep_snapshot_days: 0 }, "keep_snapshot_days", ""],
      ["replace", { release: "no-such" }, "release", "there is no release"],
      ["replace", { release: "web-1" }, "discard_disk", "is lost"],
      ["replace", { release: "web-1", discard_disk: true, size_slug: "s-nothing" }, "size_slug", "there is no size"],
      ["replace", { release: "web-1", discard_disk: true, bake_seconds: -1 }, "bake_seconds", ""],
      ["replace", { release: "web-1", discard_disk: true, variables: { arcadia: "1" } }, "variables.arcadia", ""],
    ];
    for (const query of ["", "?preview=true"])
      for (const [name, body, path, message] of faults) {
        const answer = await served.ask("POST", `${acme.url}/${name}${query}`, body);
        expect([name, answer.status, answer.body.errors]).toEqual([
          name,
          422,
          [{ path, message: expect.stringContaining(message) }],
        ]);
      }
    // The disk of somebody else's droplet, which an operator may have meant, and a tenant has not.
    const data = JSON.stringify({ id: 4711, slug: null, public: false });
    await database.db.insertInto("catalogue").values({ kind: "image", slug: "4711", data }).execute();
    const disk = { image: 4711 };
    expect(await served.ask("POST", `${acme.url}/rebuild`, disk, as(own))).toMatchObject({
      status: 422,
      body: { errors: [{ path: "image", message: "there is no image 4711 at the provider" }] },
    });
    expect((await served.ask("POST", `${acme.url}/rebuild?preview=true`, disk)).status).toBe(200);
    for (const name of ["unsuspend", "repair"])
      expect((await served.ask("POST", `${acme.url}/${name}`)).body.code).toBe("illegal_transition");
    for (const body of [{ discard_disk: true }, { discard_disk: true, release: "unasked" }])
      expect((await served.ask("POST", `${acme.url}/replace`, body)).body.code).toBe("not_reproducible");
    const untouched = await acme.show();
    expect(untouched).toMatchObject({ operation: null, power: "on", saga: { name: "provision_deployment" } });

    const preview = await served.get("POST", `${acme.url}/resize?preview=true`, bodies.resize);
    expect(preview).toMatchObject({
      status: 200,
      body: {
        operation: "resize",
        steps: ["bring_power_off", "bring_size", "bring_power_back", "record_specification"],
        monthly_usd: { before: 6, after: 18 },
        cannot_undo: [],
      },
    });
    expect(await acme.show()).toEqual(untouched);

    // What would lose data wants the protection lifted, what would cost too much the quota raised.
    await served.get("PATCH", acme.url, { protected: true });
    expect(await served.ask("POST", `${acme.url}/rebuild`, bodies.rebuild)).toMatchObject({
      status: 409,
      body: { code: "deployment_protected" },
    });
    await served.get("PATCH", acme.url, { protected: false });
    await served.get("PATCH", `/v1/tenants/${acme.tenant.id}`, { quota: { max_monthly_usd: 10 } });
    const dear = await served.ask("POST", `${acme.url}/resize?preview=true`, bodies.resize, as(own));
    expect(dear).toMatchObject({ status: 422, body: { code: "quota_exceeded", errors: [{ path: "size_slug" }] } });
    await served.get("PATCH", `/v1/tenants/${acme.tenant.id}`, { quota: { max_monthly_usd: 6, max_deployments: 0 } });
    expect(await served.ask("POST", `${acme.url}/snapshot`, {}, as(own))).toMatchObject({
      status: 422,
      body: { code: "quota_exceeded", detail: expect.stringContaining("a snapshot is billed by what it holds") },
    });
    expect((await served.ask("POST", `${acme.url}/suspend?preview=true`, {}, as(own))).status).toBe(200);
    await served.get("PATCH", `/v1/tenants/${acme.tenant.id}`, { quota: {} });

    // A tenant's token on its own; while it runs, nothing else.
    const started = await served.ask("POST", `${acme.url}/resize`, bodies.resize, as(own));
    expect(started).toMatchObject({
      status: 202,
      body: { status: "active", operation: "resize", saga: { name: "resize_deployment" } },
    });
    for (const name of operationNames)
      expect((await served.ask("POST", `${acme.url}/${name}`, bodies[name] ?? {})).body.code).toBe("saga_running");
    expect((await served.ask("DELETE", acme.url)).body.code).toBe("saga_running");
    expect(await until("its end", acme.isFree)).toMatchObject({
      size_slug: "s-2vcpu-2gb",
      operation: null,
      resource: { status: "active" },
    });

    await served.get("POST", `${acme.url}/suspend`);
    expect(await until("its end", acme.isFree)).toMatchObject({ status: "active", power: "off", operation: null });
    for (const name of ["suspend", "rebuild", "restore"])
      expect((await served.ask("POST", `${acme.url}/${name}`, bodies[name] ?? {})).body.code).toBe(
        "illegal_transition",
      );
    await served.get("POST", `${acme.url}/snapshot`, { name: "before-the-sale" });
    await until("its end", acme.isFree);
    const { items } = (await served.get("GET", `${acme.url}/snapshots`)).body;
    expect(items).toMatchObject([{ name: expect.stringContaining("before-the-sale-"), image: "ubuntu-24-04-x64" }]);
    await served.get("POST", `${acme.url}/unsuspend`);
    await until("its end", acme.isFree);
    await served.get("POST", `${acme.url}/restore`, { snapshot: items[0].id });
    expect(await until("its end", acme.isFree)).toMatchObject({ power: "on", saga: { status: "completed" } });

    // Cancelled by the deployment's own route, it is as it was.
    await served.get("POST", `${acme.url}/suspend`);
    await served.get("POST", `${acme.url}/cancel`);
    expect(await until("its end", acme.isFree)).toMatchObject({ power: "on", saga: { status: "rolled_back" } });
    const audit = (await served.get("GET", "/v1/audit?limit=100")).body.items.map(
      (it: { action: string }) => it.action,
    );
    expect(audit).toEqual(expect.arrayContaining(["deployment.resize", "deployment.suspend", "deployment.restore"]));
  } finally {
    await database.close();
  }
});
