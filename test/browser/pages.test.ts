import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";
import { writePast } from "./past.ts";

let it: Dashboard;
let stuckSaga: string;

/** A fleet to look at: some active, one failing its rollback, one that somebody else made, and a long past. */
beforeAll(async () => {
  it = await startDashboard({ ARCADIA_COMPENSATE_SECONDS: "0.5" });
  const tenants = await Promise.all(["acme", "globex", "initech"].map((slug) => it.newTenant(slug)));
  const active = await Promise.all(
    tenants.map((tenant, index) => it.newDeployment(tenant.id, ["shop", "portal", "reports"][index] ?? "app")),
  );
  for (const { id } of active) await it.until(`/v1/deployments/${id}`, (found) => found.status === "active");
  await it.stranger("legacy-mail");
  await it.arm({ method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 403, times: 1000 });
  await it.arm({ method: "POST", path: "/records$", kind: "status", status: 422, times: 1 });
  const stuck = await it.newDeployment(tenants[0].id, "billing");
  await it.until(`/v1/deployments/${stuck.id}`, (found) => found.saga.status === "stuck");
  stuckSaga = stuck.saga.id;
  await it.api("POST", "/v1/inventory/sync");
  await it.until("/v1/resources?managed=false", (found) => found.items.length === 1);
  await writePast(it.db, tenants[1].id, 340);
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

const pages = ["", "deployments", "sagas", "inventory", "orphans", "tenants", "tokens", "audit", "nowhere"];

test.each(pages)("page %j shows what needs a human first, asks nobody else, and fits a phone", async (path) => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, path);
  const notices = page.getByRole("region", { name: "Notices" });
  await notices.getByText("A saga is stuck and needs you").waitFor();
  await notices.getByText("No DIGITALOCEAN_TOKEN is set").waitFor();
  await page.locator("main h1").waitFor();
  await page.locator("tbody tr, .tiles, main p").first().waitFor();
  const name = path || "overview";
  await shoot(page, name);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot(page, `${name}-narrow`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await page.title()).toMatch(/.+ · Arcadia Cloud$/);
  expect(page.strangers).toEqual([]);
  expect(page.faults).toEqual([]);
  await page.context().close();
});

test("10,000 deployments are paged and searched by the server", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "deployments");
  const hostnames = page.locator("tr[data-hostname]");
  await hostnames.first().waitFor();
  const first = await hostnames.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-hostname")));
  expect(first.length).toBe(50);
  await page.getByRole("button", { name: "Older" }).click();
  await page.getByText("Page 2").waitFor();
  await page.locator(`tr[data-hostname="${first[0]}"]`).waitFor({ state: "detached" });
  const second = await hostnames.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-hostname")));
  expect(second.length).toBe(50);
  expect(second.filter((name) => first.includes(name))).toEqual([]);
  await page.getByLabel("Search hostname or name").fill("portal");
  await page.locator('tr[data-hostname="portal.example.com"]').waitFor();
  expect(await hostnames.count()).toBe(1);
  await page.getByRole("combobox", { name: "Status" }).selectOption("cancelled");
  await page.getByText("No deployment matches").waitFor();
});

test("a droplet that was not made here is marked, and named before it is destroyed", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "inventory?managed=false");
  const row = page.locator("tr[data-managed=false]", { hasText: "legacy-mail" });
  await row.getByText("unmanaged").waitFor();
  await row.getByRole("button", { name: "Destroy…" }).click();
  await page.getByRole("dialog").getByText("Somebody else may rely on it").waitFor();
  await shoot(page, "destroy-unmanaged");
});

test("a token is shown once, works, and is revoked by its name", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "tokens");
  await page.getByText("New token").click();
  await page.getByLabel("Name", { exact: true }).fill("pager");
  await page.getByRole("button", { name: "Create token" }).click();
  const secret = await page.locator(".shown-once code").innerText();
  expect((await it.api("GET", "/v1/token", undefined, secret)).role).toBe("viewer");
  await shoot(page, "token-shown-once");
  await page
    .getByRole("row", { name: /^pager/ })
    .getByRole("button", { name: "Revoke…" })
    .click();
  await page.getByLabel("Type the token's name").fill("pager");
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page
    .getByRole("row", { name: /^pager/ })
    .getByText("revoked")
    .waitFor();
  await expect(it.api("GET", "/v1/token", undefined, secret)).rejects.toThrow("401");
});

test("a stuck saga is resolved by hand, with a reason, and leaves the top of the page", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, `sagas/${stuckSaga}`);
  await page.locator(".event-log li").first().waitFor();
  await shoot(page, "stuck");
  await page.getByRole("button", { name: "Resolve by hand" }).click();
  await page.getByRole("button", { name: "It is done by hand" }).click();
  await page.getByText("Say why").waitFor();
  await page.getByLabel("Reason").fill("destroyed in the console");
  await page.getByRole("button", { name: "It is done by hand" }).click();
  await page.locator("[data-saga-status=rolled_back]").waitFor();
  await page.getByText("Resolved by hand: destroyed in the console").waitFor();
  await page.getByText("A saga is stuck and needs you").waitFor({ state: "detached" });
});
