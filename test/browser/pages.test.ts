import { afterAll, beforeAll, expect, test } from "vitest";
import { shoot, signIn, visit } from "./dashboard.ts";
import { startFleet } from "./fleet.ts";

let it: Awaited<ReturnType<typeof startFleet>>;

beforeAll(async () => {
  it = await startFleet(340);
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

const pages =
  " deployments deployments?status=all deployments/new releases sagas inventory orphans tenants tokens webhooks audit nowhere".split(
    " ",
  );

test.each(pages)("page %j shows what needs a human first, asks nobody else, and fits a phone", async (path) => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, path);
  const notices = page.getByRole("region", { name: "Notices" });
  await notices.getByRole("link", { name: "1 stuck" }).waitFor();
  await notices.getByText("No droplet here is real").waitFor();
  await page.locator("main h1").waitFor();
  await page.locator("tbody tr, .tiles, .empty, form.form, main p:not(.waiting)").first().waitFor();
  const name = path.replaceAll(/\W/g, "-") || "overview";
  await shoot(page, name);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 780 });
  await shoot(page, `${name}-narrow`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const titledActions = (cells: Element[]) =>
    cells.filter((cell) => getComputedStyle(cell, "::before").content !== "none").length;
  expect(await page.locator("td.row-end").evaluateAll(titledActions)).toBe(0);
  expect(await notices.evaluate((all) => all.getBoundingClientRect().height)).toBeLessThan(80);
  expect(await page.title()).toMatch(/.+ · Arcadia Cloud$/);
  expect(page.strangers).toEqual([]);
  expect(page.faults).toEqual([]);
  await page.context().close();
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
  await visit(page, `sagas/${it.stuck.saga.id}`);
  await page.locator(".event-log li").first().waitFor();
  await shoot(page, "stuck");
  // Whose support is asked wants the id of the request.
  const { stuck_error: error } = await it.api("GET", `/v1/sagas/${it.stuck.saga.id}`);
  const note = page.locator(".saga-note", { hasText: "Stuck because" });
  await note.getByText("DigitalOcean refused the droplet's removal").waitFor();
  await note.getByText("DELETE /v2/droplets/").waitFor();
  await note.getByText(error.request_id).waitFor();
  await page.getByText("Turned back because: DigitalOcean refused the DNS record").waitFor();
  await page.getByText("At the provider there is still: droplet billing").waitFor();
  await page.locator("[data-step=create_droplet]").getByText(error.request_id).waitFor();
  await page.setViewportSize({ width: 360, height: 780 });
  await shoot(page, "stuck-narrow");
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.getByRole("button", { name: "Resolve by hand" }).click();
  await page.getByRole("button", { name: "It is done by hand" }).click();
  await page.getByText("Say why", { exact: true }).waitFor();
  await page.getByLabel("Reason").fill("destroyed in the console");
  await page.getByRole("button", { name: "It is done by hand" }).click();
  await page.locator("[data-saga-status=rolled_back]").waitFor();
  await page.getByText("Resolved by hand: destroyed in the console").waitFor();
  await page.getByText("1 stuck").waitFor({ state: "detached" });
});

test("a tenant is renamed, and deleted once nothing of it stands", async () => {
  const spare = await it.newTenant("spare");
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "tenants");
  const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
  await row("SPARE").getByRole("button", { name: "Edit…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Hostnames it may use").fill("not a hostname!");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.locator(".fault").first().waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("Spare Ltd");
  await dialog.getByLabel("Hostnames it may use").fill("*.spare.example.com");
  await dialog.getByRole("button", { name: "Save" }).click();
  await row("Spare Ltd").getByText("*.spare.example.com").waitFor();
  await row("ACME").getByRole("button", { name: "Delete…" }).click();
  await page.getByLabel("Type the slug").fill("acme");
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByRole("dialog").getByText("The tenant still has deployments").waitFor();
  await page.keyboard.press("Escape");
  await row("Spare Ltd").getByRole("button", { name: "Delete…" }).click();
  await page.getByLabel("Type the slug").fill("spare");
  await page.getByRole("button", { name: "Delete it" }).click();
  await row("Spare Ltd").waitFor({ state: "detached" });
  await expect(it.api("GET", `/v1/tenants/${spare.id}`)).rejects.toThrow("404");
});
