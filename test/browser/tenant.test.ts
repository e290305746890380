import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { followSpans } from "#costs/spans.ts";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let it: Dashboard;
let tenant: string;
beforeAll(async () => {
  it = await startDashboard();
  tenant = (await it.newTenant("acme")).id;
});
afterAll(() => it[Symbol.asyncDispose]());

test("a tenant's page says what it may have and what it has cost, and its quota is set there", async () => {
  const { id } = await it.newDeployment(tenant, "shop");
  await it.until(`/v1/deployments/${id}`, ({ status }) => status === "active");
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "tenants");
  await page.getByRole("link", { name: "ACME", exact: true }).click();
  await page.locator("h1", { hasText: "ACME" }).waitFor();
  await page.getByText("none of its own").waitFor();

  await page.getByRole("button", { name: "Edit…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Labels").fill("tier=gold");
  await dialog.getByLabel("Deployments at once").fill("many");
  await dialog.getByLabel("Sizes it may have").fill("s-1vcpu-512mb-10gb, s-1vcpu-1gb");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.locator(".fault").first().waitFor();
  await shoot(page, "tenant-edit");
  await dialog.getByLabel("Deployments at once").fill("1");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("1 deployments; sizes s-1vcpu-512mb-10gb, s-1vcpu-1gb").waitFor();
  expect(await it.api("GET", `/v1/tenants/${tenant}`)).toMatchObject({
    labels: { tier: "gold" },
    quota: { max_deployments: 1, allowed_sizes: ["s-1vcpu-512mb-10gb", "s-1vcpu-1gb"] },
  });

  // As a chore does it every few minutes.
  await followSpans(it.db, new Date());
  await page.reload();
  const row = page.getByRole("row", { name: /^shop\.example\.com/ });
  await row.getByText("$0.0").waitFor();
  await page.getByText("so far").waitFor();
  await shoot(page, "tenant");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "tenant-dark");
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await shoot(page, "tenant-narrow");
  await page.getByLabel("Month").selectOption("last");
  await page.getByText("Nothing was there that costs anything").waitFor();
  expect(page.faults).toEqual([]);
});

test("labels, variables and protection of a deployment are changed where it is shown, and it is found by its labels", async () => {
  const [{ id }] = (await it.api("GET", "/v1/deployments?name=shop")).items;
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, `deployments/${id}`);
  await page.getByText("$4 a month").waitFor();
  await page.getByRole("button", { name: "Change…" }).click();
  const dialog = page.getByRole("dialog");
  const save = dialog.getByRole("button", { name: "Save" });
  expect(await save.isDisabled()).toBe(true);
  await dialog.getByLabel("Variables").fill("arcadia=1");
  await save.click();
  await dialog.locator(".fault").first().waitFor();
  await dialog.getByLabel("Variables").fill("COLOUR=green\nGREETING=hello");
  await dialog.getByLabel("Labels").fill("cohort=internal, tier=gold");
  await dialog.getByLabel("Protected").check();
  await shoot(page, "change");
  await save.click();
  await page.getByText("until an admin lifts that").waitFor();
  await page.getByText("COLOUR, GREETING").waitFor();
  expect(await it.api("GET", `/v1/deployments/${id}`)).toMatchObject({
    labels: { cohort: "internal", tier: "gold" },
    protected: true,
  });

  await page.getByRole("button", { name: "Destroy…" }).click();
  await dialog.getByText("it ends as terminated").waitFor();
  await dialog.getByLabel("Type the hostname").fill("shop.example.com");
  await dialog.getByRole("button", { name: "Destroy it" }).click();
  await dialog.getByText("is protected").waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Change…" }).click();
  await dialog.getByLabel("Variables").fill("GREETING");
  await dialog.getByLabel("Protected").uncheck();
  await save.click();
  await page.getByText("until an admin lifts that").waitFor({ state: "detached" });
  expect((await it.api("GET", `/v1/deployments/${id}`)).variable_names).toEqual(["COLOUR"]);

  await page.getByRole("link", { name: "tier=gold" }).click();
  await page.getByText("1 in all").waitFor();
  await page.getByRole("searchbox", { name: /^Label/ }).fill("tier=silver");
  await page.getByText("No deployment matches").waitFor();
  await page.getByRole("searchbox", { name: /^Label/ }).fill("cohort:internal");
  await page.getByRole("row", { name: /shop/ }).waitFor();
  expect(page.faults).toEqual([]);
});
