import { afterAll, beforeAll, expect, test } from "vitest";
import { shoot, signIn, visit } from "./dashboard.ts";
import { startFleet } from "./fleet.ts";

let it: Awaited<ReturnType<typeof startFleet>>;

beforeAll(async () => {
  it = await startFleet(2, { ARCADIA_WEBHOOK_ALLOW_PRIVATE: "true" });
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

test("stuck is a tile, a filter and a line on every page; its row says what to do", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await page.locator(".tile.bad", { hasText: "Stuck" }).getByText("1", { exact: true }).waitFor();
  await page.locator(".tile", { hasText: "Stuck" }).click();
  const row = page.locator("tr[data-hostname]");
  await page.getByText("1 in all").waitFor();
  expect(await row.getAttribute("data-hostname")).toBe("billing.example.com");
  await row.locator("[data-status=stuck]").waitFor();
  await row.getByText("DigitalOcean refused the droplet's removal").waitFor();
  await row.getByRole("link", { name: "retry or resolve it" }).click();
  await page.getByRole("button", { name: "Retry" }).waitFor();
  await page.getByRole("region", { name: "Notices" }).getByRole("link", { name: "1 stuck" }).click();
  await page.getByText("1 in all").waitFor();
  expect(await page.evaluate(() => location.hash)).toBe("#/sagas?status=stuck");
});

test("a page ends where what is on it ends", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  for (const path of [
    "",
    "deployments?status=all",
    "sagas",
    "tenants",
    `deployments/${it.stuck.id}`,
    "deployments/new",
  ])
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 700 });
      await visit(page, path);
      await page.locator("main tr, main form.form, main .tiles, main .timeline").first().waitFor();
      await page.waitForTimeout(300);
      const beyond = await page.evaluate(() => {
        const main = document.querySelector("main")?.getBoundingClientRect().bottom ?? 0;
        // Less than a pixel is what the browser rounds.
        return Math.trunc(document.documentElement.scrollHeight - Math.max(main + scrollY, innerHeight)) || 0;
      });
      expect([path, width, beyond]).toEqual([path, width, 0]);
    }
});

test("what is in flight stands in columns", async () => {
  const names = ["a", "a-name-that-is-much-longer-than-the-others", "middling"];
  for (const name of names) await it.newDeployment(it.tenants[1].id, name);
  const page = await it.openPage();
  await signIn(page, it.token);
  const lines = page.locator(".flight li");
  await expect.poll(() => lines.count()).toBeGreaterThan(2);
  const lefts = (part: string) =>
    lines.locator(part).evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().left)));
  for (const part of [".badge", ".strip-marks", ".strip-text"]) {
    const found = await lefts(part);
    expect(found.length, part).toBeGreaterThan(1);
    expect(new Set(found).size, part).toBe(1);
  }
  await shoot(page, "in-flight-columns");
});

test("all banners at once are a line each, and less than a third of a phone", async () => {
  await it.api("POST", "/v1/webhooks", { url: "http://127.0.0.1:9/" });
  await it.db.updateTable("webhooks").set({ disabled_at: new Date(), disabled_reason: "gone" }).execute();
  await it.newDeployment(it.tenants[1].id, "patient");
  for (const method of ["GET", "POST"])
    await it.arm({ method, path: "^/v2/", kind: "status", status: 503, times: 1000 });
  const page = await it.openPage({ viewport: { width: 360, height: 780 } });
  await signIn(page, it.token);
  await page.getByText("DigitalOcean does not answer").waitFor();
  await page.getByRole("link", { name: "The webhook to 127.0.0.1:9 is disabled" }).waitFor();
  const banners = page.locator(".banner");
  await expect.poll(() => banners.count()).toBe(4);
  for (const height of await banners.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height)))
    expect(height).toBeLessThan(40);
  const notices = page.getByRole("region", { name: "Notices" });
  expect(await notices.evaluate((all) => all.getBoundingClientRect().height)).toBeLessThan(780 / 3);
  await shoot(page, "banners-narrow");
  await page.getByText("DigitalOcean does not answer").click();
  await page.getByText("and go on by themselves").waitFor();
});
