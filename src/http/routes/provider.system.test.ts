import { expect, test } from "vitest";
import { after } from "#clock.ts";
import { startApi } from "#test/api.ts";

test("workers that are there and cannot work with the provider are listed with their reasons", async () => {
  await using api = await startApi();
  const now = api.clock.now();
  const contact = (status: "up" | "down" | "wrong_account", reason: string | null, presentMs = 30_000) => ({
    worker_id: api.ids.uuid(),
    status,
    reason,
    account_uuid: status === "down" ? null : "an-account",
    since: now,
    checked_at: now,
    present_until: after(now, presentMs),
  });
  const wrong = contact("wrong_account", "The token belongs to another account");
  const rows = [contact("up", null), wrong, contact("down", "gone since", -1)];
  await api.db.insertInto("provider_contacts").values(rows).execute();
  const listed = [
    {
      id: wrong.worker_id,
      status: "wrong_account",
      reason: wrong.reason,
      account_uuid: "an-account",
      since: now.toISOString(),
      checked_at: now.toISOString(),
    },
  ];
  expect((await api.call("GET", "/v1/provider")).body.workers_not_up).toEqual(listed);
  expect((await api.call("GET", "/readyz")).body.provider.workers_not_up).toEqual(listed);
});

test("a provider that was up is unknown once no worker is there to ask it", async () => {
  await using api = await startApi();
  await api.db.updateTable("provider").set({ status: "up", since: api.clock.now() }).execute();
  const shown = async () => [
    (await api.call("GET", "/readyz")).body.provider,
    (await api.call("GET", "/v1/provider")).body,
  ];
  const attend = (worker_id: string, presentMs: number) => {
    const at = api.clock.now();
    const row = { worker_id, status: "up" as const, since: at, checked_at: at, present_until: after(at, presentMs) };
    return api.db.insertInto("provider_contacts").values(row).execute();
  };
  await attend(api.ids.uuid(), -1);
  for (const provider of await shown())
    expect(provider).toMatchObject({ status: "unknown", reason: "no worker is there to ask it" });
  await attend(api.ids.uuid(), 30_000);
  for (const provider of await shown()) expect(provider).toMatchObject({ status: "up" });
});

test("the provider's page counts the requests of the last minute and hour; the catalogue lists what can be asked for", async () => {
  await using api = await startApi();
  const request = (secondsAgo: number) => ({
    id: api.ids.uuid(),
    at: new Date(Date.now() - secondsAgo * 1000),
    method: "GET",
    route: "/v2/droplets",
  });
  await api.db
    .insertInto("provider_requests")
    .values([request(1), request(90), request(4000)])
    .execute();
  const image = { id: 11, slug: null, name: "snapshot" };
  await api.db
    .insertInto("catalogue")
    .values({ kind: "image", slug: "11", data: JSON.stringify(image) })
    .execute();

  const { body } = await api.call("GET", "/v1/provider");
  expect(body.budget.minute).toEqual({ limit: 250, used: 1, left: 249 });
  expect(body.budget.hour).toEqual({ limit: 5000, used: 2, left: 4998 });
  const catalogue = (await api.call("GET", "/v1/catalogue")).body;
  expect(catalogue.images).toEqual([{ id: 11, slug: "11", name: "snapshot" }]);
  expect([catalogue.regions, catalogue.read_at]).toEqual([[], null]);
});
