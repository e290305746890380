import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;
let tenant: string;

beforeAll(async () => {
  it = await startDashboard();
  tenant = (await it.newTenant("acme")).id;
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

const share = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

test("the first load is under 150 kB, and soon takes a token", async () => {
  const page = await it.openPage();
  await page.getByLabel("Token").waitFor();
  const { bytes, ready } = await page.evaluate(() => {
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return {
      bytes: loaded.reduce((sum, entry) => sum + entry.toJSON().encodedBodySize, 0),
      // Nothing is on the page before the form is.
      ready: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    };
  });
  console.log(`First load: ${(bytes / 1000).toFixed(1)} kB; the form is there after ${Math.round(ready)} ms`);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(150_000);
});

test("from a step's commit to the screen", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  const lags: number[] = [];
  for (const name of ["one", "two", "three"]) {
    const { id } = await it.newDeployment(tenant, name);
    await visit(page, `deployments/${id}`);
    await page.locator("[data-step]").first().waitFor();
    // When each step was first seen in each state.
    await page.evaluate(() => {
      const seen: Record<string, number> = {};
      const look = () => {
        for (const step of document.querySelectorAll("[data-step]"))
          seen[`${step.getAttribute("data-step")} ${step.getAttribute("data-status")}`] ??= Date.now();
      };
      look();
      // Of what was there already nobody knows since when.
      for (const key of Object.keys(seen)) seen[key] = 0;
      new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
      Object.assign(globalThis, { seen });
    });
    await page.locator("h1 [data-status=active]").waitFor();
    const seen: Record<string, number> = await page.evaluate("seen");
    for (const step of (await it.api("GET", `/v1/deployments/${id}`)).saga.steps) {
      const at = seen[`${step.name} completed`];
      if (at) lags.push(at - Date.parse(step.finished_at));
    }
  }
  console.log(`Commit to screen: median ${share(lags, 0.5)} ms, p95 ${share(lags, 0.95)} ms of ${lags.length} steps`);
  expect(lags.length).toBeGreaterThan(10);
  // The goal is 300 ms; a machine that runs other tests beside this one gets more.
  expect(share(lags, 0.95)).toBeLessThan(1500);
});

test("a tab takes a burst of events, and shows how many there were", async () => {
  const count = 20_000;
  const { saga } = await it.newDeployment(tenant, "burst");
  await it.until(`/v1/sagas/${saga.id}`, (found) => found.status === "completed");
  const { sequence } = await it.db
    .selectFrom("saga_events")
    .select((eb) => eb.fn.max("sequence").as("sequence"))
    .where("saga_id", "=", saga.id)
    .executeTakeFirstOrThrow();
  const more = Array.from({ length: count }, (_, index) => ({
    saga_id: saga.id,
    sequence: sequence + index + 1,
    at: new Date(),
    type: "step" as const,
    data: JSON.stringify({ name: "create_droplet", status: "waiting", waiting_for: `look ${index}` }),
  }));
  for (let from = 0; from < count; from += 5000)
    await it.db
      .insertInto("saga_log")
      .values(more.slice(from, from + 5000))
      .execute();
  const page = await it.openPage();
  await signIn(page, it.token);
  const began = Date.now();
  await visit(page, `sagas/${saga.id}`);
  await page.locator(`.event-log ol[data-last="${sequence + count}"]`).waitFor({ state: "attached", timeout: 60_000 });
  const seconds = (Date.now() - began) / 1000;
  console.log(`${count} events in ${seconds.toFixed(1)} s: ${Math.round(count / seconds)} a second`);
  expect(await page.locator(".event-log li").count()).toBe(500);
});
