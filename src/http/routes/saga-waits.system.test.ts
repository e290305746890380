import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const minutes = (count: number) => new Date(Date.now() + count * 60_000);

/** A saga whose step waits, as it is shown. */
async function startWaiting(api: Api) {
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }));
  const id: string = body.saga.id;
  const wait = { status: "waiting" as const, retry_at: minutes(-5), deadline_at: minutes(5) };
  await api.db
    .updateTable("saga_steps")
    .set(wait)
    .where("saga_id", "=", id)
    .where("name", "=", "create_droplet")
    .execute();
  const shown = async () => {
    const { steps } = (await api.call("GET", `/v1/sagas/${id}`)).body;
    return steps.find((it: { name: string }) => it.name === "create_droplet");
  };
  const attended = (at: Date) =>
    api.db
      .insertInto("attendance")
      .values({ attended_at: at })
      .onConflict((conflict) => conflict.column("singleton").doUpdateSet({ attended_at: at }))
      .execute();
  return { id, wait, shown, attended };
}

test("a deadline is counted down while somebody is there, and stands still while nobody is", async () => {
  await using api = await startApi();
  const { wait, shown, attended } = await startWaiting(api);
  await attended(new Date());
  expect((await shown()).deadline_at).toBe(wait.deadline_at.toISOString());
  await attended(minutes(-1));
  expect((await shown()).deadline_at).toBeNull();
});

test("of a saga that is held back until the provider answers, no step's time runs, and none is tried before it", async () => {
  await using api = await startApi();
  const { id, shown, attended } = await startWaiting(api);
  await attended(new Date());
  const due_at = minutes(1);
  await api.db.updateTable("sagas").set({ watching: "provider", due_at }).where("id", "=", id).execute();
  expect(await shown()).toMatchObject({ deadline_at: null, next_try_at: due_at.toISOString() });
});
