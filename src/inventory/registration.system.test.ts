import { expect, test } from "vitest";
import { after, systemClock } from "#clock.ts";
import { systemIds } from "#ids.ts";
import { createTestDatabase } from "#test/database.ts";
import { markDeleted, register, type Registration } from "./registration.ts";
import type { SeenDroplet } from "./sightings.ts";

const ids = systemIds(systemClock);
const spec = { size_slug: "s-1vcpu-512mb-10gb", region: "syd1", image: "ubuntu-24-04-x64" };

const droplet = (name: string): SeenDroplet => ({
  ...spec,
  id: 4711,
  name,
  status: "active",
  disk: null,
  public_ipv4: "198.18.0.9",
  tags: [],
  volume_ids: [],
  created_at: systemClock.now(),
});

async function database() {
  const own = await createTestDatabase();
  const { db } = own;
  const now = systemClock.now();
  const saga = async () => {
    const id = ids.uuid();
    const row = { id, name: "provision_droplet", input: "{}", status: "completed", created_at: now } as const;
    await db.insertInto("sagas").values(row).execute();
    return id;
  };
  const asked = (sagaId: string, name: string): Registration => ({
    id: ids.uuid(),
    droplet: droplet(name),
    observedAt: now,
    sagaId,
    spec,
    at: now,
  });
  const put = (wanted: Registration) => db.transaction().execute((tx) => register(tx, wanted));
  const rows = () => db.selectFrom("cloud_resources").selectAll().execute();
  return { db, now, put, saga, asked, rows, [Symbol.asyncDispose]: () => own.close() };
}

test("the row of another saga's droplet is not overwritten", async () => {
  await using it = await database();
  const [first, second] = [await it.saga(), await it.saga()];
  expect(await it.put(it.asked(first, "first"))).toBeDefined();
  expect(await it.put(it.asked(second, "second"))).toBeUndefined();
  expect(await it.rows()).toMatchObject([{ name: "first", registered_by: first }]);
  // The same saga may say it twice.
  expect(await it.put(it.asked(first, "first"))).toBeDefined();
});

test("what an earlier life of its id has left is cleared", async () => {
  await using it = await database();
  const [first, second] = [await it.saga(), await it.saga()];
  await it.put(it.asked(first, "first"));
  const deployment = { deployment_id: null, tenant_id: null, linked_by: first };
  await it.db.updateTable("cloud_resources").set(deployment).execute();
  await it.db.transaction().execute((tx) => markDeleted(tx, 4711, it.now, first));
  const stray = { provider_id: 4711, name: "first", verdict: "destroying", reason: "left", saga_id: first } as const;
  await it.db
    .insertInto("strays")
    .values({ ...stray, first_seen_at: it.now, last_seen_at: it.now })
    .execute();
  const asked = it.asked(second, "second");
  await it.put({ ...asked, at: after(it.now, 1000) });
  expect(await it.rows()).toMatchObject([
    { name: "second", registered_by: second, linked_by: null, deleted_at: null, destroyed_by: null },
  ]);
  expect(await it.db.selectFrom("strays").selectAll().execute()).toEqual([]);
});
