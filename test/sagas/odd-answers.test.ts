import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import { longestText } from "#well-formed.ts";
import { deleteDeployment, deploy, deploymentOf, ended, resourceOf, sagaOf, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const times = 99_999;
const list = (droplets: readonly object[]) => ({
  method: "GET",
  path: "^/v2/droplets$",
  kind: "status",
  status: 200,
  times,
  body: { droplets, links: {}, meta: { total: droplets.length } },
});

const syncsOf = async ({ db }: Stack): Promise<number> =>
  (await db.selectFrom("looks").select("id").where("scope", "=", "account").execute()).length;
async function sync(stack: Stack, looks: number): Promise<void> {
  const before = await syncsOf(stack);
  await stack.requestChore("sync");
  await until("the sync", async () => (await syncsOf(stack)) >= before + looks);
}

describe.concurrent("an inventory with", () => {
  test("droplets of which little is told is kept all the same, and what was known of them too", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const deployed = await deploy(stack);
    await ended(stack, deployed.sagaId);
    const ours = await resourceOf(stack, deployed.id);
    expect(ours?.public_ipv4).not.toBeNull();
    const strange = "a\0b\ud800";
    const bare = { id: ours?.provider_id, name: ours?.name, tags: ours?.tags, region: null, status: "active" };
    const nothing = { id: 71, name: "n", region: null, size_slug: null, image: null, networks: null, tags: null };
    const odd = { id: 72, name: strange, status: 7, region: { slug: strange }, size_slug: strange, tags: [strange] };
    const time = { created_at: "-271821-04-20T00:00:00Z", networks: { v4: [null, { type: "public" }] } };
    await stack.arm(list([bare, nothing, { ...odd, ...time }, { id: 73, name: "unknown", status: "hibernating" }]));
    await sync(stack, 1);
    const rows = await stack.db.selectFrom("cloud_resources").selectAll().orderBy("provider_id").execute();
    const kept = "a\ufffdb\ufffd";
    expect(rows).toMatchObject([
      { provider_id: 71, name: "n", status: "unknown", region: null, size_slug: null, image: null, tags: [] },
      { provider_id: 72, name: kept, status: "unknown", region: kept, size_slug: kept, tags: [kept] },
      { provider_id: 73, status: "hibernating" },
      {
        provider_id: ours?.provider_id,
        region: ours?.region,
        size_slug: ours?.size_slug,
        image: ours?.image,
        public_ipv4: ours?.public_ipv4,
        deleted_at: null,
      },
    ]);
    const api = await stack.startApi();
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
  });

  test("text of any length keeps of each as much as a name has, and goes on", async () => {
    await using stack = await startStack({ workers: 0, simulator: { calm: true } });
    // Of letters that no index can pack.
    const long = Array.from({ length: 20_000 }, () => String.fromCharCode(0x4e00 + Math.random() * 20_000)).join("");
    const [cut, tags] = [long.slice(0, longestText), [long, "short"]];
    await stack.arm(list([{ id: 72, name: long, status: long, region: { slug: long }, size_slug: long, tags }]));
    const records = ["A", "CNAME"].map((type, index) => ({ id: 71 + index, type, name: long, data: long, ttl: 600 }));
    const body = { domain_records: records, links: {}, meta: { total: 2 } };
    await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 200, body });
    await stack.addWorker();
    const { sagaId } = await deploy(stack);
    await until("the zone", async () => (await stack.db.selectFrom("zone_records").selectAll().execute()).length > 0);
    await sync(stack, 1);
    const row = { name: cut, status: cut, region: cut, size_slug: cut, tags: [cut, "short"] };
    expect(
      await stack.db.selectFrom("cloud_resources").selectAll().where("provider_id", "=", 72).execute(),
    ).toMatchObject([row]);
    await stack.disarm();
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(stack.logged.join("")).not.toContain(long.slice(0, longestText + 1));
  });

  test("a droplet that cannot be told apart goes on, and takes nothing for gone that it may be", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const deployed = await deploy(stack);
    await ended(stack, deployed.sagaId);
    const id = (await resourceOf(stack, deployed.id))?.provider_id;
    const unknown = { id: "not_found", message: "The resource you were accessing could not be found." };
    await stack.arm({ method: "GET", path: `^/v2/droplets/${id}$`, kind: "status", status: 404, times, body: unknown });
    const foreign = { id: 71, name: "foreign", tags: [] };
    await pause(1100);
    await stack.arm(list([foreign, { id: null, name: "?" }]));
    for (let count = 0; count < 3; count += 1) await sync(stack, 1);
    expect(
      await stack.db.selectFrom("cloud_resources").selectAll().where("provider_id", "=", 71).execute(),
    ).toHaveLength(1);
    expect((await resourceOf(stack, deployed.id))?.deleted_at).toBeNull();
    expect(stack.logged.join("")).toContain("Left out of the droplets: not understood");

    // The same without it: two listings and a 404 are its end.
    await stack.disarm();
    await stack.arm({ method: "GET", path: `^/v2/droplets/${id}$`, kind: "status", status: 404, times, body: unknown });
    await stack.arm(list([foreign]));
    await sync(stack, 2);
    await until("its end", async () => (await resourceOf(stack, deployed.id))?.deleted_at);
  });
});

describe.concurrent("an A record that does not tell where it leads", () => {
  const untold = (name: string) => ({
    method: "GET",
    path: "^/v2/domains/example.com/records$",
    kind: "status",
    status: 200,
    times,
    body: { domain_records: [{ id: 71, type: "A", name, data: null, ttl: 600 }], links: {}, meta: { total: 1 } },
  });

  test("is somebody else's and stands elsewhere: the zone is read, and a deployment is made", async () => {
    await using stack = await startStack({ workers: 0, simulator: { calm: true } });
    await stack.arm({ ...untold("elsewhere"), times: 1 });
    await stack.addWorker();
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    const kept = await stack.db.selectFrom("zone_records").select(["id", "data"]).where("id", "=", 71).execute();
    expect(stack.logged.join("")).not.toContain("is missing on A");
    expect(kept.every(({ data }) => data === "")).toBe(true);
  });

  test("stands at the hostname: that is a conflict, which is not taken over either", async () => {
    await using stack = await startStack({ workers: 0, simulator: { calm: true } });
    await stack.arm(untold("app.acme"));
    await stack.addWorker();
    const { sagaId } = await deploy(stack, { hostname: "app.acme.example.com", replaceDns: true });
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    const { error } = await sagaOf(stack, sagaId);
    expect(error).toMatchObject({
      code: "dns_conflict",
      message: expect.stringContaining("does not tell where it leads"),
    });
  });

  test("may be ours: nothing is concluded from the listing", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const deployed = await deploy(stack, { hostname: "app.acme.example.com" });
    expect((await ended(stack, deployed.sagaId)).status).toBe("completed");
    const before = await stack.db.selectFrom("zone_records").selectAll().execute();
    await stack.arm(untold("app.acme"));
    const other = await deploy(stack, { hostname: "app.beta.example.com" });
    await until("the refusal", async () =>
      JSON.stringify(await stepsOf(stack, other.sagaId)).includes("record 71 (A, app.acme) may be ours"),
    );
    expect(await stack.db.selectFrom("zone_records").selectAll().execute()).toEqual(before);
    await stack.disarm();
    expect((await ended(stack, other.sagaId)).status).toBe("completed");
  });
});

describe.concurrent("a saga that meets text which cannot be written", () => {
  test.for([
    ["a message", { id: "unprocessable_entity", message: "Name a\0b\ud800 is taken" }],
    ["an id", { id: "un\0processable\udc00", message: "No." }],
    ["a message that is cut", { id: "unprocessable_entity", message: `${"x".repeat(499)}😀 is taken` }],
  ] as const)("in %s of a 422 fails once, and rolls back", async ([, body]) => {
    await using stack = await startStack();
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422, times, body });
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    const { error } = await sagaOf(stack, sagaId);
    expect(error).toMatchObject({ step: "create_droplet", code: "invalid" });
    expect((error as { message: string }).message.isWellFormed()).toBe(true);
    const asked = stack.truth().requests.by_route["POST /v2/droplets"];
    expect(asked).toBe(1);
    expect((await stepsOf(stack, sagaId)).find((it) => it.name === "create_droplet")?.attempts).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("in a record, a catalogue and a request id goes on", async () => {
    await using stack = await startStack({ workers: 0, simulator: { calm: true } });
    const record = { id: 9, type: "TXT", name: "t\0", data: "\ud800", ttl: 600 };
    const address = { id: 10, type: "A", name: "x\0y", data: "203.0.113.5", ttl: 600 };
    const body = { domain_records: [record, address], links: {}, meta: { total: 2 } };
    await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 200, body });
    const regions = [{ slug: "syd1", name: "Syd\0ney\ud800", available: true, sizes: ["s-1vcpu-512mb-10gb"] }];
    const headers = { "x-request-id": `caf\xe9${"x".repeat(3000)}` };
    const catalogue = { regions, links: {}, meta: { total: 1 } };
    await stack.arm({ method: "GET", path: "^/v2/regions$", kind: "status", status: 200, headers, body: catalogue });
    await stack.addWorker();
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    await stack.requestChore("catalogue");
    const known = await until("the catalogue", () =>
      stack.db.selectFrom("catalogue").selectAll().where("slug", "=", "syd1").executeTakeFirst(),
    );
    expect(known.data).toMatchObject({ name: "Syd\ufffdney\ufffd" });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("records that redirect all below them are refused like a delegation", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const body = {
    domain_records: [{ id: 9, type: "DNAME", name: "acme", data: "elsewhere.net", ttl: 600 }],
    links: {},
    meta: { total: 1 },
  };
  await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 200, times, body });
  const below = await deploy(stack, { hostname: "app.acme.example.com" });
  expect((await ended(stack, below.sagaId)).error).toMatchObject({ code: "dns_conflict" });
  expect(stack.truth().created_total).toBe(0);
});

test("a hostname that belongs to another zone of the account is refused like one below a delegation", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  await stack.provider("POST", "/v2/domains", { name: "kid.example.com" });
  const below = await deploy(stack, { hostname: "app.team.kid.example.com" });
  const { error } = await ended(stack, below.sagaId);
  expect(error).toMatchObject({ code: "dns_conflict" });
  expect((error as { message: string }).message).toContain("belongs to kid.example.com");
  expect(stack.truth().created_total).toBe(0);
  const beside = await deploy(stack, { hostname: "app.other.example.com" });
  expect((await ended(stack, beside.sagaId)).status).toBe("completed");
  const asked = stack.truth().requests.by_route["GET /v2/domains/{name}"];
  expect(asked).toBe(3);
  const plain = await deploy(stack, { hostname: "plain.example.com" });
  expect((await ended(stack, plain.sagaId)).status).toBe("completed");
  expect(stack.truth().requests.by_route["GET /v2/domains/{name}"]).toBe(asked);
});

test("images without a slug, or with the same, do not hold up the catalogue", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const slugs = ["", "", "twin", "twin", null];
  const images = slugs.map((slug, index) => ({ id: 9001 + index, slug, name: "a" }));
  const body = { images, links: {}, meta: { total: images.length } };
  await stack.arm({ method: "GET", path: "^/v2/images$", kind: "status", status: 200, times, body });
  await stack.requestChore("catalogue");
  const known = await until("the images", async () => {
    const rows = await stack.db.selectFrom("catalogue").selectAll().where("kind", "=", "image").execute();
    return rows.some(({ slug }) => slug === "twin") && rows.map(({ slug }) => slug).toSorted();
  });
  expect(known).toEqual(["9001", "9002", "9005", "twin"]);
});

test("a stranger that cannot be read among our droplets holds up no removal; the droplet itself does", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const deployed = await deploy(stack);
  await ended(stack, deployed.sagaId);
  const id = (await resourceOf(stack, deployed.id))?.provider_id;
  await stack.arm(list([{ id, name: null }]));
  await deleteDeployment(stack, deployed.id);
  await until("the droplet to be gone", async () => stack.truth().droplets.length === 0);
  await pause(3000);
  expect((await deploymentOf(stack, deployed.id)).status).toBe("deprovisioning");
  await stack.disarm();
  await stack.arm(list([{ id: 71, name: "foreign", tags: ["theirs"] }]));
  await until("its end", async () => (await deploymentOf(stack, deployed.id)).status === "terminated");
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a region that cannot be read is no region that is not there", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const known = () => stack.db.selectFrom("catalogue").selectAll().where("kind", "=", "region").execute();
  const read = async () =>
    (await stack.db.selectFrom("provider").select("catalogue_read_at").executeTakeFirst())?.catalogue_read_at;
  const before = await until("the first reading", async () => (await read()) && known());
  const regions = [{ slug: "nyc3", features: null }, { slug: 7 }];
  const body = { regions, links: {}, meta: { total: regions.length } };
  await stack.arm({ method: "GET", path: "^/v2/regions$", kind: "status", status: 200, times, body });
  const at = await read();
  await stack.requestChore("catalogue");
  await until("the next", async () => Number(await read()) > Number(at));
  const after = await known();
  expect(after.map(({ slug }) => slug).toSorted()).toEqual(before.map(({ slug }) => slug).toSorted());
  expect(after.find(({ slug }) => slug === "nyc3")?.data).toEqual({ slug: "nyc3" });
  const deployed = await deploy(stack);
  expect((await ended(stack, deployed.sagaId)).status).toBe("completed");
});
