import { expect, test } from "vitest";
import { deploymentOf, startApi } from "#test/api.ts";
import { createManualClock } from "#test/manual-clock.ts";

const at = (text: string) => new Date(text);

/** A provisioning as the engine leaves it. */
async function end(
  api: Awaited<ReturnType<typeof startApi>>,
  saga: { tenant: string; created: string; seconds: number; cancelled?: boolean; failed?: boolean },
) {
  const created = at(saga.created);
  await api.db
    .insertInto("sagas")
    .values({
      id: api.ids.uuid(),
      name: "provision_deployment",
      tenant_id: saga.tenant,
      status: saga.failed || saga.cancelled ? "rolled_back" : "completed",
      input: "{}",
      created_at: created,
      finished_at: new Date(created.getTime() + saga.seconds * 1000),
      cancel_requested_at: saga.cancelled ? created : null,
    })
    .execute();
}

test("provisionings are counted by the day they began, with their times, for whom they belong to", async () => {
  const clock = { ...createManualClock(), now: () => at("2026-11-22T12:00:00Z") };
  await using api = await startApi({ clock });
  const acme = (await api.newTenant("acme")).id;
  const other = (await api.newTenant("other")).id;
  for (const seconds of [10, 20, 90]) await end(api, { tenant: acme, created: "2026-11-22T00:00:00Z", seconds });
  await end(api, { tenant: acme, created: "2026-11-21T23:59:59Z", seconds: 500, failed: true });
  await end(api, { tenant: acme, created: "2026-11-21T23:59:59Z", seconds: 5, cancelled: true });
  await end(api, { tenant: other, created: "2026-11-20T01:00:00Z", seconds: 40 });
  await end(api, { tenant: acme, created: "2026-11-19T23:59:59Z", seconds: 40 });
  await api.call("POST", "/v1/deployments", deploymentOf(acme, { provision: true }));

  const all = (await api.call("GET", "/v1/stats?days=3")).body;
  expect(all.deployments).toMatchObject({ provisioning: 1, active: 0 });
  expect(all.sagas).toEqual({
    pending: 1,
    running: 0,
    waiting: 0,
    completed: 5,
    compensating: 0,
    rolled_back: 2,
    stuck: 0,
    held: 0,
  });
  expect(all.provisioning).toEqual([
    { day: "2026-11-20", completed: 1, failed: 0, cancelled: 0, median_seconds: 40, p95_seconds: 40 },
    { day: "2026-11-21", completed: 0, failed: 1, cancelled: 1, median_seconds: null, p95_seconds: null },
    { day: "2026-11-22", completed: 3, failed: 0, cancelled: 0, median_seconds: 20, p95_seconds: 83 },
  ]);

  const theirs = await api.newToken("viewer", other);
  const own = (await api.call("GET", "/v1/stats?days=1", undefined, { token: theirs.secret })).body;
  expect(own.deployments.provisioning).toBe(0);
  expect(own.sagas).toMatchObject({ pending: 0, completed: 1, rolled_back: 0 });
  expect(own.provisioning).toEqual([
    { day: "2026-11-22", completed: 0, failed: 0, cancelled: 0, median_seconds: null, p95_seconds: null },
  ]);
});

test.each(["days=0", "days=91", "days=x", "day=1"])("%s is refused", async (query) => {
  await using api = await startApi();
  expect((await api.call("GET", `/v1/stats?${query}`)).status).toBe(422);
});
