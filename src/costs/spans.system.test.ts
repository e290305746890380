import { sql } from "kysely";
import { expect, test } from "vitest";
import { volumeHandleOf } from "#resources/kinds/volume-handle.ts";
import { fresh, open } from "#resources/ledger.ts";
import { deploymentOf, startApi } from "#test/api.ts";
import { keepSnapshot, noteSizes, withoutSize } from "#snapshots/queries.ts";
import { followSpans } from "./spans.ts";

const at = (text: string) => new Date(`2026-11-${text}Z`);
type Api = Awaited<ReturnType<typeof startApi>>;

async function droplet(
  api: Api,
  it: { id: string; tenant: string | null; born: Date; size?: string; features?: object },
) {
  const saga = api.ids.uuid();
  const resource = api.ids.uuid();
  await api.db
    .insertInto("sagas")
    .values({
      id: saga,
      name: "provision_droplet",
      status: "completed",
      input: JSON.stringify({ region: "nyc3", size_slug: it.size ?? "s-1vcpu-1gb", features: it.features }),
      created_at: it.born,
    })
    .execute();
  await api.db
    .insertInto("provider_resources")
    .values({
      id: resource,
      kind: "droplet",
      begun_by: saga,
      saga_id: saga,
      step: "create_droplet",
      tenant_id: it.tenant,
      handle: JSON.stringify({ tag: "t", name: "n" }),
      provider_id: it.id,
      origin: "made",
      phase: "there",
      answered_at: it.born,
      history: JSON.stringify([{ phase: "there", at: it.born.toISOString() }]),
      created_at: it.born,
    })
    .execute();
  return resource;
}

const price = (api: Api, slug: string, hourly: number) =>
  api.db
    .insertInto("catalogue")
    .values({ kind: "size", slug, data: JSON.stringify({ price_hourly: hourly }) })
    .onConflict((on) => on.columns(["kind", "slug"]).doUpdateSet({ data: JSON.stringify({ price_hourly: hourly }) }))
    .execute();

const spans = async (api: Api) =>
  (
    await sql<{ from: Date; to: Date | null; usd: number; estimated: boolean }>`
    select begun_at as from, ended_at as to, usd_hourly::float8 as usd, estimated from cost_spans order by usd_hourly, id
  `.execute(api.db)
  ).rows;

test("a droplet is one span, cut where its price changes and ended where it is gone; looking again changes nothing", async () => {
  await using api = await startApi();
  const acme = (await api.newTenant("acme")).id;
  await price(api, "s-1vcpu-1gb", 0.01);
  const resource = await droplet(api, { id: "1", tenant: acme, born: at("02T00:00:00") });
  await followSpans(api.db, at("02T00:01:00"));
  await followSpans(api.db, at("02T00:02:00"));
  expect(await spans(api)).toEqual([{ from: at("02T00:00:00"), to: null, usd: 0.01, estimated: false }]);

  await price(api, "s-1vcpu-1gb", 0.02);
  await followSpans(api.db, at("03T00:00:00"));
  await followSpans(api.db, at("03T00:01:00"));
  expect(await spans(api)).toEqual([
    { from: at("02T00:00:00"), to: at("03T00:00:00"), usd: 0.01, estimated: true },
    { from: at("03T00:00:00"), to: null, usd: 0.02, estimated: true },
  ]);

  await sql`update provider_resources set phase = 'gone', deleted_at = ${at("04T00:00:00")} where id = ${resource}`.execute(
    api.db,
  );
  await followSpans(api.db, at("04T00:01:00"));
  await followSpans(api.db, at("04T00:02:00"));
  const [, last, ...more] = await spans(api);
  expect(last).toMatchObject({ to: at("04T00:00:00"), usd: 0.02 });
  expect(more).toEqual([]);

  const query = "from=2026-11-01T00:00:00Z&to=2026-11-05T00:00:00Z";
  const { body } = await api.call("GET", `/v1/costs?${query}`);
  expect(body).toMatchObject({
    items: [{ key: acme, name: "acme", hours: 48, usd: 0.72, estimated: true }],
    total_usd: 0.72,
  });
  expect((await api.call("GET", `/v1/costs?${query}&by=region`)).body.items[0]).toMatchObject({ key: "nyc3" });
});

test("backups make a droplet dearer by a fifth, by an estimate", async () => {
  await using api = await startApi();
  await price(api, "s-1vcpu-1gb", 0.01);
  await droplet(api, { id: "1", tenant: null, born: at("01T00:00"), features: { backups: true } });
  await droplet(api, { id: "2", tenant: null, born: at("01T00:00"), features: { monitoring: true } });
  await followSpans(api.db, at("02T00:00"));
  await followSpans(api.db, at("03T00:00"));
  expect(await spans(api)).toEqual([
    { from: at("01T00:00"), to: null, usd: 0.01, estimated: false },
    { from: at("01T00:00"), to: null, usd: 0.012, estimated: true },
  ]);
});

test("a volume is a span by its size, with another one from where it grew", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = { provision: true, volume: { size_gib: 672 } };
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, asked));
  const owner = { deployment_id: body.id, tenant_id: tenant.id };
  const handle = volumeHandleOf(body.saga.id, "app", "nyc3");
  const begins = { ...owner, id: api.ids.uuid(), saga_id: body.saga.id, step: "create_volume", kind: "volume", handle };
  const row = { ...begins, origin: "made", phase: "there", provider_id: "506f78a4" } as const;
  await api.db.transaction().execute((tx) => open(tx, fresh(row, at("02T00:00:00"))));
  await followSpans(api.db, at("02T00:01:00"));
  await followSpans(api.db, at("02T00:02:00"));
  await api.db
    .updateTable("deployments")
    .set({ volume: JSON.stringify({ size_gib: 1344 }) })
    .execute();
  await followSpans(api.db, at("03T00:00:00"));
  expect(await spans(api)).toEqual([
    { from: at("02T00:00:00"), to: at("03T00:00:00"), usd: 0.1, estimated: true },
    { from: at("03T00:00:00"), to: null, usd: 0.2, estimated: true },
  ]);
});

test("a snapshot is a span of its deployment from when it was taken, priced once its size is told", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }));
  const owner = { deployment_id: body.id, tenant_id: tenant.id };
  for (const [kind, provider_id] of [
    ["snapshot", "7"],
    ["volume_snapshot", "506f78a4"],
  ] as const) {
    const id = api.ids.uuid();
    const handle = { name: kind, droplet_id: 1, volume_id: "v" };
    const row = { ...owner, id, saga_id: body.saga.id, step: kind, kind, handle, provider_id };
    await api.db
      .transaction()
      .execute((tx) => open(tx, fresh({ ...row, origin: "made", phase: "there" }, at("02T00:00:00"))));
    await keepSnapshot(api.db, {
      ...owner,
      id,
      kind,
      name: kind,
      region: "nyc3",
      image: null,
      min_disk: null,
      created_at: at("02T00:00:00"),
      expires_at: at("09T00:00:00"),
    });
  }
  await followSpans(api.db, at("02T00:01:00"));
  const query = "from=2026-11-01T00:00:00Z&to=2026-11-09T00:00:00Z";
  const costs = async () => (await api.call("GET", `/v1/costs?${query}&by=deployment`)).body;
  expect(await costs()).toMatchObject({ items: [{ key: body.id, hours: 0, usd: 0, estimated: true }] });

  expect(await withoutSize(api.db)).toEqual(["snapshot", "volume_snapshot"]);
  await noteSizes(api.db, "snapshot", [{ id: "7", gib: 67.2 }]);
  await noteSizes(api.db, "volume_snapshot", [
    { id: "506f78a4", gib: 6.72 },
    { id: "7", gib: 1 },
  ]);
  expect(await withoutSize(api.db)).toEqual([]);
  await followSpans(api.db, at("03T00:00:00"));
  await followSpans(api.db, at("03T00:01:00"));
  await sql`update provider_resources set phase = 'gone', deleted_at = ${at("07T00:00:00")} where kind in ('snapshot', 'volume_snapshot')`.execute(
    api.db,
  );
  await api.db.deleteFrom("snapshots").execute();
  await followSpans(api.db, at("07T00:01:00"));
  // 120 hours of 67.2 and of 6.72 GiB at $0.06 / 672: $0.72 and $0.072.
  expect(await costs()).toMatchObject({ items: [{ hours: 0, usd: 0.792, estimated: false }], total_usd: 0.792 });
});

test("what came and went between two looks is charged too, and a droplet without a price when it has one", async () => {
  await using api = await startApi();
  const resource = await droplet(api, { id: "1", tenant: null, born: at("02T00:00:00") });
  await droplet(api, { id: "2", tenant: null, born: at("02T00:00:00"), size: "s-new" });
  await price(api, "s-1vcpu-1gb", 0.01);
  await sql`update provider_resources set phase = 'gone', deleted_at = ${at("02T00:00:20")} where id = ${resource}`.execute(
    api.db,
  );
  await followSpans(api.db, at("02T00:01:00"));
  await price(api, "s-new", 0.1);
  await followSpans(api.db, at("02T00:02:00"));
  await followSpans(api.db, at("02T00:03:00"));
  expect(await spans(api)).toEqual([
    { from: at("02T00:00:00"), to: at("02T00:00:20"), usd: 0.01, estimated: false },
    { from: at("02T00:00:00"), to: null, usd: 0.1, estimated: false },
  ]);
});

test("a tenant's token sees its own costs, and what cannot be reckoned is refused", async () => {
  await using api = await startApi();
  const acme = (await api.newTenant("acme")).id;
  const other = (await api.newTenant("other")).id;
  await price(api, "s-1vcpu-1gb", 0.01);
  await droplet(api, { id: "1", tenant: acme, born: at("02T00:00:00") });
  await droplet(api, { id: "2", tenant: other, born: at("02T00:00:00") });
  await followSpans(api.db, at("02T00:01:00"));
  const { secret: token } = await api.newToken("viewer", other);
  const query = "from=2026-11-01T00:00:00Z&to=2026-11-05T00:00:00Z";
  const own = await api.call("GET", `/v1/costs?${query}&by=deployment`, undefined, { token });
  expect(own.body.total_usd).toBe(0.72);
  const theirs = await api.call("GET", `/v1/costs?${query}&tenant_id=${acme}`, undefined, { token });
  expect(theirs.body).toMatchObject({ items: [], total_usd: 0 });
  for (const bad of [
    "from=x",
    "by=colour",
    "from=2026-11-05T00:00:00Z&to=2026-11-01T00:00:00Z",
    "from=2000-01-01T00:00:00Z",
  ])
    expect((await api.call("GET", `/v1/costs?${bad}`)).status, bad).toBe(422);
});
