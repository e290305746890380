import { expect, test } from "vitest";
import { startApi } from "#test/api.ts";

test("a token tells what it may do, when it was last used, and is held to its expiry", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const past = { name: "ci", role: "viewer", tenant_id: tenant.id, expires_at: "2020-01-01T00:00:00Z" };
  expect((await api.call("POST", "/v1/tokens", past)).body.errors[0].path).toBe("expires_at");
  const asked = { ...past, expires_at: "2999-01-01T00:00:00+02:00" };
  const { body } = await api.call("POST", "/v1/tokens", asked);
  expect(body.token).toMatch(/^arc_[\w-]{43}$/);
  expect(body).toMatchObject({ role: "viewer", tenant_id: tenant.id, expires_at: "2998-12-31T22:00:00.000Z" });

  const self = await api.call("GET", "/v1/token", undefined, { token: body.token });
  expect([self.body.id, self.body.token]).toEqual([body.id, undefined]);
  const used = async () => {
    const { items } = (await api.call("GET", "/v1/tokens")).body;
    return items.find((token: { id: string }) => token.id === body.id).last_used_at;
  };
  const first = await used();
  expect(first).not.toBeNull();
  await api.call("GET", "/v1/token", undefined, { token: body.token });
  expect(await used()).toBe(first);

  expect((await api.call("DELETE", `/v1/tokens/${body.id}`)).status).toBe(204);
  expect((await api.call("DELETE", `/v1/tokens/${body.id}`)).status).toBe(204);
  expect((await api.call("GET", "/v1/token", undefined, { token: body.token })).body.code).toBe("revoked_token");
});
