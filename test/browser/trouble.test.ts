import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;
let tenant: string;

beforeAll(async () => {
  it = await startDashboard();
  tenant = (await it.newTenant("acme")).id;
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

/** Every event that is stored is in the log of the page, newest first and once. */
async function toldAll(page: Page, sagaId: string): Promise<void> {
  const query = it.db.selectFrom("saga_events").select("sequence").where("saga_id", "=", sagaId);
  const stored = await query.orderBy("sequence", "desc").execute();
  await page.locator(`.event-log ol[data-last="${stored.length}"]`).waitFor({ state: "attached" });
  const told = await page
    .locator(".event-log li")
    .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute("data-sequence"))));
  expect(told).toEqual(stored.map(({ sequence }) => sequence));
}

test("a token that is not known is refused in words", async () => {
  const page = await it.openPage();
  await page.getByLabel("Token").fill("arc_nobody");
  await page.keyboard.press("Enter");
  await page.getByText("The token is not known").waitFor();
  expect(await page.getByLabel("Token").getAttribute("aria-invalid")).toBe("true");
});

test("each fault of a form is shown at its field, and the focus goes to the first", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "deployments/new");
  const hostname = page.getByLabel("Hostname", { exact: true });
  await hostname.fill("shop.elsewhere.test");
  await page.getByLabel("Tenant").selectOption(tenant);
  await page.getByRole("button", { name: "Create and provision" }).click();
  await page.getByText("must be in the zone").or(page.getByText("example.com")).first().waitFor();
  for (const label of ["Name", "Hostname", "Region", "Size", "Image"]) {
    const field = page.getByLabel(label, { exact: true });
    expect(await field.getAttribute("aria-invalid"), label).toBe("true");
    const described = (await field.getAttribute("aria-describedby"))?.split(" ").at(-1) ?? "";
    expect((await page.locator(`[id="${described}"]`).innerText()).length, label).toBeGreaterThan(5);
  }
  expect(await page.getByLabel("Tenant").getAttribute("aria-invalid")).toBe("false");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
  await shoot(page, "faults");
  expect((await it.api("GET", "/v1/deployments")).items).toEqual([]);
});

test("a session that ends says so, and keeps what was typed", async () => {
  const operator = await it.newToken("operator");
  const { items } = await it.api("GET", "/v1/tokens");
  const { id } = items.find((token: { name: string }) => token.name === "a operator");
  const page = await it.openPage();
  await signIn(page, operator);
  await visit(page, "deployments/new");
  await page.getByLabel("Hostname", { exact: true }).fill("typed.example.com");
  await page.getByLabel("Tenant").selectOption(tenant);
  await it.api("DELETE", `/v1/tokens/${id}`);
  await page.getByRole("button", { name: "Create and provision" }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByText("The token was revoked").waitFor();
  await shoot(page, "session-ended");
  await dialog.getByLabel("Token").fill(it.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByLabel("Hostname", { exact: true }).inputValue()).toBe("typed.example.com");
  await page.getByRole("option", { name: "ACME (acme)" }).waitFor({ state: "attached" });
  expect(await page.getByLabel("Tenant").inputValue()).toBe(tenant);
});

test("a lost connection shows and mends itself; no event is missing or told twice", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  const { id, saga } = await it.newDeployment(tenant, "cut");
  await visit(page, `deployments/${id}`);
  await page.locator("[data-step=wait_droplet_active][data-status=waiting]").waitFor();
  await it.stopServer();
  const lost = page.getByText("The server does not answer");
  await lost.waitFor();
  await shoot(page, "connection-lost");
  expect(await page.locator("h1").innerText()).toContain("cut.example.com");
  await it.startServer();
  await lost.waitFor({ state: "detached" });
  await page.locator("h1 [data-status=active]").waitFor();
  await toldAll(page, saga.id);
});

test("a line that swallows everything shows, and mends itself; no event is missing or told twice", async () => {
  const { line, page } = await it.openPageOverLine();
  await using _ = line;
  await signIn(page, it.token);
  const { id, saga } = await it.newDeployment(tenant, "frozen");
  await visit(page, `deployments/${id}`);
  await page.locator(".event-log li").first().waitFor({ state: "attached" });
  line.swallow();
  const lost = page.getByText("The server does not answer");
  await lost.waitFor();
  await it.until(`/v1/sagas/${saga.id}`, (found) => found.status === "completed");
  line.restore();
  await lost.waitFor({ state: "detached" });
  await page.locator("h1 [data-status=active]").waitFor();
  await toldAll(page, saga.id);
  await page.context().close();
});

test("a provider that is down is told on every page, and no longer once it is back", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await it.newDeployment(tenant, "patient");
  for (const method of ["GET", "POST"])
    await it.arm({ method, path: "^/v2/", kind: "status", status: 503, times: 1000 });
  await page.getByText("DigitalOcean does not answer").waitFor();
  await shoot(page, "provider-down");
  await it.disarm();
  await page.getByText("DigitalOcean does not answer").waitFor({ state: "detached" });
});

test("the keyboard reaches the page, and Escape leaves a dialog as it was", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  const { id } = await it.newDeployment(tenant, "keys", { provision: false });
  await visit(page, `deployments/${id}`);
  await page.getByRole("heading", { level: 1, name: "keys.example.com" }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  await page.getByRole("button", { name: "Destroy…" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("INPUT");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Destroy…");
  expect((await it.api("GET", `/v1/deployments/${id}`)).status).toBe("pending");
});

test("what is wrong with a deployment, or with the installation, is told with what to do about it", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  const { id } = await it.newDeployment(tenant, "parked");
  await it.until(`/v1/deployments/${id}`, (found) => found.status === "active");
  const at = new Date();
  const told = { since: at, message: "Droplet 1 is gone from the account", remedy: "Destroy the deployment" };
  await it.db
    .insertInto("deployment_conditions")
    .values({
      ...told,
      id: crypto.randomUUID(),
      deployment_id: id,
      code: "droplet_gone",
      source: "health",
      last_found_at: at,
      raised_at: at,
    })
    .execute();
  await it.db
    .insertInto("problems")
    .values({ ...told, code: "mass_disappearance", message: "Many droplets are not shown any more" })
    .execute();
  await visit(page, `deployments/${id}`);
  const note = page.locator("[data-condition=droplet_gone]");
  await note.getByText("Droplet 1 is gone from the account.").waitFor();
  await note.getByText("Destroy the deployment.").waitFor();
  await page.getByText("Mass disappearance").click();
  await page.getByText("Many droplets are not shown any more. Destroy the deployment.").waitFor();
  await visit(page, "");
  await page.getByRole("link", { name: "1 Degraded" }).click();
  await page.locator("[data-hostname='parked.example.com'] [data-status=droplet_gone]").waitFor();
  await shoot(page, "degraded");
  await it.db.deleteFrom("problems").execute();
  await page.getByText("Mass disappearance").waitFor({ state: "detached" });
});
