import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";
import { keptSnapshot } from "#test/kept-snapshot.ts";

const [own, others, golden, publicId] = [11, 12, 13, 14];

async function readImages(api: Api): Promise<void> {
  const [kind, data] = ["image" as const, (image: object) => JSON.stringify({ slug: null, public: false, ...image })];
  await api.db
    .insertInto("catalogue")
    .values([
      { kind: "region", slug: "syd1", data: "{}" },
      { kind: "size", slug: "s-1vcpu-512mb-10gb", data: JSON.stringify({ disk: 10 }) },
      { kind, slug: "ubuntu-24-04-x64", data: data({ id: 1, slug: "ubuntu-24-04-x64", public: true }) },
      { kind, slug: `${own}`, data: data({ id: own }) },
      // Of what a tenant may not see nothing is told, be it that it does not fit.
      { kind, slug: `${others}`, data: data({ id: others, min_disk_size: 80 }) },
      { kind, slug: `${golden}`, data: data({ id: golden }) },
      { kind, slug: `${publicId}`, data: data({ id: publicId, public: true }) },
    ])
    .execute();
}

/** Two tenants with a snapshot each, a release that is made from the operator's image, and a token of the first. */
async function tenants(api: Api) {
  const acme = (await api.newTenant("acme", ["*.acme.example.com"])).id;
  const beta = (await api.newTenant("beta")).id;
  await keptSnapshot(api, acme, { providerId: `${own}` });
  await keptSnapshot(api, beta, { providerId: `${others}` });
  await api.call("POST", "/v1/releases", { name: "golden", image: golden, ssh_keys: [7] });
  const token = (await api.newToken("operator", acme)).secret;
  let nth = 0;
  const ask = (changes: object, options: object = { token }) =>
    api.call(
      "POST",
      "/v1/deployments",
      deploymentOf(acme, { hostname: `a${(nth += 1)}.acme.example.com`, ...changes }),
      options,
    );
  return { token, ask };
}

test("a tenant sees and uses public images, its own snapshots and those of releases; an operator the account's", async () => {
  await using api = await startApi();
  await readImages(api);
  const { token, ask } = await tenants(api);
  const listed = async (options: object) =>
    (await api.call("GET", "/v1/catalogue", undefined, options)).body.images.map(({ id }: { id: number }) => id);
  expect(await listed({ token })).toEqual([own, golden, publicId, 1]);
  expect(await listed({})).toEqual([own, others, golden, publicId, 1]);

  const refused = await ask({ image: others });
  expect([refused.status, refused.body.errors]).toEqual([
    422,
    [{ path: "image", message: `there is no image ${others} at the provider` }],
  ]);
  // In one breath with a release that there is not, it tells as little.
  expect((await ask({ image: others, release: "none" })).body.errors.map(({ path }: { path: string }) => path)).toEqual(
    ["release", "image"],
  );
  for (const image of [own, golden, publicId, 1, "ubuntu-24-04-x64"]) expect((await ask({ image })).status).toBe(201);
  expect((await ask({ image: undefined, release: "golden" })).status).toBe(201);
  expect((await ask({ image: others, size_slug: "s-1vcpu-512mb-10gb" }, {})).body.errors).toMatchObject([
    { path: "size_slug" },
  ]);
});

test("before the catalogue is read no private image is used either", async () => {
  await using api = await startApi();
  const { ask } = await tenants(api);
  for (const image of [others, 99]) expect((await ask({ image })).body.errors).toMatchObject([{ path: "image" }]);
  for (const image of [own, golden, "debian-13-x64"]) expect((await ask({ image })).status).toBe(201);
  expect((await ask({ image: others }, {})).status).toBe(201);
});

test("a tenant's token names SSH keys by what only who has the key knows", async () => {
  await using api = await startApi();
  const { ask } = await tenants(api);
  const fingerprint = Array.from({ length: 16 }, () => "ab").join(":");
  expect((await ask({ ssh_keys: [fingerprint, 7] })).body.errors).toMatchObject([{ path: "ssh_keys.1" }]);
  expect((await ask({ ssh_keys: [fingerprint] })).status).toBe(201);
  const released = { image: undefined, release: "golden", size_slug: "s-1vcpu-512mb-10gb" };
  expect((await ask(released)).status).toBe(201);
  expect((await ask({ ssh_keys: [7] }, {})).status).toBe(201);
});
