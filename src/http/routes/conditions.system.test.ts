import { expect, test } from "vitest";
import { noteFindings, raiseCondition } from "#deployments/conditions.ts";
import { createMetrics } from "#metrics/metrics.ts";
import { raiseProblem } from "#provider/problems.ts";
import { deploymentOf, startApi } from "#test/api.ts";

type Api = Awaited<ReturnType<typeof startApi>>;

async function active(api: Api, tenant: { readonly id: string }, name: string): Promise<string> {
  const body = deploymentOf(tenant.id, { hostname: `${name}.example.com`, provision: true });
  const { id, saga } = (await api.call("POST", "/v1/deployments", body)).body;
  await api.db.updateTable("sagas").set({ status: "completed" }).where("id", "=", saga.id).execute();
  await api.db.updateTable("deployments").set({ status: "active" }).where("id", "=", id).execute();
  return id;
}

const finding = (deployment_id: string, code: "drift" | "droplet_off", message = "It is not as it was") => ({
  deployment_id,
  code,
  message,
  remedy: "Change it back",
});
const later = (seconds: number) => new Date(Date.now() + seconds * 1000);

test("what is true of a deployment is shown, filtered, counted and measured, for whom it belongs to", async () => {
  await using api = await startApi();
  const [acme, other] = [await api.newTenant("acme"), await api.newTenant("other")];
  const [one, two, three] = [
    await active(api, acme, "one"),
    await active(api, acme, "two"),
    await active(api, other, "three"),
  ];
  const { db, ids } = api;
  const at = later(0);
  await db.transaction().execute(async (tx) => {
    await raiseCondition(tx, ids, "droplet", finding(one, "drift", "its size is another"), at);
    await raiseCondition(tx, ids, "dns", finding(one, "drift", "its record is another"), later(1));
    await raiseCondition(tx, ids, "droplet", finding(three, "droplet_off"), at);
    // Suspected only: nobody is told.
    await noteFindings(tx, ids, {
      source: "droplet",
      codes: ["drift"],
      of: [two],
      found: [finding(two, "drift")],
      at,
      enough: 2,
    });
  });
  const shown = (await api.call("GET", `/v1/deployments/${one}`)).body.conditions;
  expect(shown).toEqual([
    { code: "drift", since: at.toISOString(), message: "its size is another", remedy: "Change it back" },
    expect.objectContaining({ code: "drift", message: "its record is another" }),
  ]);
  expect((await api.call("GET", `/v1/deployments/${two}`)).body.conditions).toEqual([]);
  const names = async (query: string, token?: string) => {
    const answer = await api.call("GET", `/v1/deployments?${query}`, undefined, { ...(token && { token }) });
    return answer.body.items.map((row: { hostname: string }) => row.hostname.split(".")[0]);
  };
  expect(await names("condition=any")).toEqual(["three", "one"]);
  expect(await names("condition=drift")).toEqual(["one"]);
  expect(await names("condition=droplet_off,droplet_gone")).toEqual(["three"]);
  expect(await names("condition=zone_gone")).toEqual([]);
  expect((await api.call("GET", "/v1/deployments?condition=gone")).status).toBe(422);
  const theirs = (await api.newToken("viewer", other.id)).secret;
  expect(await names("condition=any", theirs)).toEqual(["three"]);
  expect((await api.call("GET", "/v1/stats")).body.degraded_deployments).toBe(2);
  expect((await api.call("GET", "/v1/stats", undefined, { token: theirs })).body.degraded_deployments).toBe(1);

  expect((await api.call("GET", "/v1/provider")).body.problems).toEqual([]);
  const problem = { code: "mass_disappearance", since: at, message: "Many are gone", remedy: "Look into the panel" };
  expect(await db.transaction().execute((tx) => raiseProblem(tx, problem))).toBe(true);
  expect(await db.transaction().execute((tx) => raiseProblem(tx, { ...problem, message: "More" }))).toBe(false);
  expect((await api.call("GET", "/v1/provider")).body.problems).toEqual([
    { ...problem, message: "More", since: at.toISOString() },
  ]);
  const requestLimits = { minute: 250, hour: 5000 };
  const options = { db, clock: { ...api.clock }, requestLimits, sagaNames: [], release: "1", openStreams: () => 0 };
  const scraped = await createMetrics(options)();
  expect(scraped).toContain('arcadia_deployments_degraded{code="drift"} 1\n');
  expect(scraped).toContain('arcadia_deployments_degraded{code="droplet_gone"} 0\n');
  expect(scraped).toContain('arcadia_problems{code="mass_disappearance"} 1\n');
});

test("a condition is told after enough looks in a row, by none that is older, and is over with the first without it", async () => {
  await using api = await startApi();
  const one = await active(api, await api.newTenant("acme"), "one");
  const { db, ids } = api;
  const look = (seconds: number, isFound: boolean) =>
    db.transaction().execute((tx) =>
      noteFindings(tx, ids, {
        source: "droplet",
        codes: ["drift"],
        of: [one],
        found: isFound ? [finding(one, "drift", `found at ${seconds}`)] : [],
        at: later(seconds),
        enough: 2,
      }),
    );
  const told = async () => (await api.call("GET", `/v1/deployments/${one}`)).body.conditions;
  await look(10, true);
  await look(5, true);
  expect(await told()).toEqual([]);
  await look(20, true);
  expect(await told()).toMatchObject([{ message: "found at 20" }]);
  await look(15, false);
  expect(await told()).toHaveLength(1);
  await look(30, false);
  expect(await told()).toEqual([]);
  await look(40, true);
  await look(50, false);
  await look(60, true);
  expect(await told()).toEqual([]);
  // A deployment that is no longer active has none.
  await look(70, true);
  expect(await told()).toHaveLength(1);
  await api.db.updateTable("deployments").set({ status: "deprovisioning" }).where("id", "=", one).execute();
  expect(await told()).toEqual([]);
});
