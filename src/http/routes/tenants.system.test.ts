import { expect, test } from "vitest";
import { startApi } from "#test/api.ts";

test("a tenant is created, shown, found, changed; its slug is its own", async () => {
  await using api = await startApi();
  const asked = { slug: "acme", name: "Acme & Söhne", hostnames: ["*.Acme.example.com."] };
  const { status, headers, body } = await api.call("POST", "/v1/tenants", asked);
  expect(status).toBe(201);
  expect(headers.location).toBe(`/v1/tenants/${body.id}`);
  expect(body).toMatchObject({ slug: "acme", name: "Acme & Söhne", hostnames: ["*.acme.example.com"] });
  expect((await api.call("GET", `/v1/tenants/${body.id.toUpperCase()}`)).body).toEqual(body);
  expect((await api.call("GET", "/v1/tenants?q=SÖHNE&slug=acme")).body.items).toEqual([body]);

  const taken = await api.call("POST", "/v1/tenants", { slug: "acme", name: "another" });
  expect([taken.status, taken.body.errors[0].path]).toEqual([422, "slug"]);

  const changed = await api.call("PATCH", `/v1/tenants/${body.id}`, { hostnames: [] });
  expect(changed.body).toMatchObject({ id: body.id, name: "Acme & Söhne", hostnames: [] });
  for (const change of [{}, { slug: "other" }, { name: "" }, { hostnames: ["*"] }])
    expect([change, (await api.call("PATCH", `/v1/tenants/${body.id}`, change)).status]).toEqual([change, 422]);
  expect((await api.call("PATCH", `/v1/tenants/${api.ids.uuid()}`, { name: "x" })).status).toBe(404);
});
