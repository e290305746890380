import { expect, test } from "vitest";
import { deploymentOf, startApi } from "#test/api.ts";

test("lists are filtered by how an id begins, and by nothing that no id can begin with", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  for (const hostname of ["a.example.com", "b.example.com"])
    await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { hostname, provision: true }));
  const idsOf = async (path: string): Promise<string[]> =>
    (await api.call("GET", path)).body.items.map((it: { id: string }) => it.id);
  for (const list of ["tenants", "deployments", "sagas"]) {
    const [newest = ""] = await idsOf(`/v1/${list}`);
    const found = (prefix: string) => idsOf(`/v1/${list}?id_prefix=${prefix}`);
    expect(await found(newest)).toEqual([newest]);
    expect(await found(newest.slice(0, 35).toUpperCase())).toEqual([newest]);
    expect(await found(newest.slice(0, 8))).toContain(newest);
    expect(await found("ffffffff-f")).toEqual([]);
    for (const prefix of [newest.slice(0, 7), `${newest.slice(0, 9)}-`, `${newest}0`, "app.exam"])
      expect((await api.call("GET", `/v1/${list}?id_prefix=${prefix}`)).status).toBe(422);
  }
});

test("suspended is a filter of deployments, which are active all the same", async () => {
  await using api = await startApi();
  const acme = await api.newTenant("acme");
  for (const [name, status, power] of [
    ["one", "active", "off"],
    ["two", "active", "on"],
    ["three", "terminated", "off"],
  ] as const) {
    const body = deploymentOf(acme.id, { hostname: `${name}.example.com` });
    const { id } = (await api.call("POST", "/v1/deployments", body)).body;
    await api.db.updateTable("deployments").set({ status, power }).where("id", "=", id).execute();
  }
  const names = async (query: string) =>
    (await api.call("GET", `/v1/deployments?${query}`)).body.items.map(
      (it: { hostname: string }) => it.hostname.split(".")[0],
    );
  expect(await names("status=suspended")).toEqual(["one"]);
  expect(await names("status=suspended,terminated")).toEqual(["three", "one"]);
  expect(await names("status=active")).toEqual(["two", "one"]);
});
