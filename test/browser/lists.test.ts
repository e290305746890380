import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, signIn, startDashboard, visit } from "./dashboard.ts";
import { writePast } from "./past.ts";

let it: Dashboard;

/** One deployment that stands, and 10,000 that came and went. */
beforeAll(async () => {
  it = await startDashboard();
  const tenant = await it.newTenant("globex");
  const { id } = await it.newDeployment(tenant.id, "portal");
  await it.until(`/v1/deployments/${id}`, (found) => found.status === "active");
  await writePast(it.db, tenant.id, 340);
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

test("10,000 deployments scroll as one list of which few rows are drawn, and the place in it is kept", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "deployments?status=all");
  const rows = page.locator("tr[data-hostname]");
  const table = page.getByRole("table", { name: "Deployments" });
  await rows.first().waitFor();
  expect(await table.getAttribute("aria-rowcount")).toBe("-1");
  const order = (
    await it.db
      .selectFrom("deployments")
      .select("hostname")
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .execute()
  ).map((row) => row.hostname);
  const topRow = () =>
    rows.evaluateAll((all) => {
      const row = all.find((candidate) => candidate.getBoundingClientRect().bottom > 0);
      return { index: Number(row?.getAttribute("aria-rowindex")) - 2, hostname: row?.getAttribute("data-hostname") };
    });
  const scrollOn = async (to: number) => {
    while ((await topRow()).index < to) {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForTimeout(50);
    }
  };
  await scrollOn(400);
  expect(await rows.count()).toBeLessThan(80);
  const drawn = await rows.evaluateAll((all) =>
    all.map((row) => [Number(row.getAttribute("aria-rowindex")) - 2, row.getAttribute("data-hostname")] as const),
  );
  for (const [index, hostname] of drawn) expect([index, hostname]).toEqual([index, order[index]]);

  // Into a deployment and back, and read anew: the same row is at the top.
  const before = await topRow();
  const same = async () => {
    await page.locator(`tr[data-hostname="${before.hostname}"]`).waitFor();
    await expect
      .poll(async () => Math.abs((await topRow()).index - before.index), { timeout: 30_000 })
      .toBeLessThanOrEqual(1);
  };
  await page
    .locator(`tr[data-hostname="${before.hostname}"] a`)
    .first()
    .evaluate((link: HTMLElement) => link.click());
  await page.getByRole("heading", { level: 1, name: before.hostname ?? "" }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await same();
  await page.reload();
  await same();
  expect(page.faults).toEqual([]);

  await page.getByLabel("Search hostname or name").fill("portal");
  await page.locator('tr[data-hostname="portal.example.com"]').waitFor();
  await page.getByText("1 in all").waitFor();
  expect(await rows.count()).toBe(1);
  expect(await table.getAttribute("aria-rowcount")).toBe("2");
  await page.getByRole("combobox", { name: "Status" }).selectOption("cancelled");
  await page.getByText("No deployment matches").waitFor();
});

test("what has ended is left out until it is asked for", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "deployments");
  await page.getByText("1 in all").waitFor();
  const rows = page.locator("tr[data-hostname]");
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-status")))).toEqual(["active"]);
  await page.getByRole("combobox", { name: "Status" }).selectOption("all");
  await page.getByText("More than").waitFor();
});

test("the keyboard goes through a long list row by row, and the row that it is in is never taken away", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "deployments?status=all");
  await page.locator("tr[data-hostname] a").first().focus();
  const focusedRow = () =>
    page.evaluate(() => Number(document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") ?? 0));
  for (let presses = 0; presses < 50; presses += 1) await page.keyboard.press("Tab");
  const reached = await focusedRow();
  expect(reached).toBeGreaterThan(25);
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator('tr[aria-rowindex="2"]').waitFor();
  expect(await focusedRow()).toBe(reached);
});
