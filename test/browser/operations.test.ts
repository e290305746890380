import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let it: Dashboard;
let tenant: string;
beforeAll(async () => {
  it = await startDashboard();
  tenant = (await it.newTenant("acme")).id;
});
afterAll(() => it[Symbol.asyncDispose]());

test("a button shows what it does before it does it, and starts it; what is final wants the hostname typed", async () => {
  const { id, hostname } = await it.newDeployment(tenant, "shop");
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, `deployments/${id}`);
  await page.locator("h1 [data-status=active]").waitFor();

  await page.getByRole("button", { name: "Resize…" }).click();
  const dialog = page.getByRole("dialog");
  const start = dialog.getByRole("button", { name: "Resize it" });
  await dialog.getByText("Choose first").waitFor();
  expect(await start.isDisabled()).toBe(true);
  const { size_slug: size } = await it.api("GET", `/v1/deployments/${id}`);
  await dialog.getByLabel("Size").selectOption(size);
  await dialog.getByRole("alert").first().waitFor();
  expect(await start.isDisabled()).toBe(true);
  await dialog.getByLabel("Size").selectOption("s-2vcpu-4gb");
  await dialog.getByText("is turned off, changed from").waitFor();
  await dialog.getByText("$24", { exact: true }).waitFor();
  await shoot(page, "resize");
  await start.click();
  await page.getByText("this runs now").waitFor();
  expect(await page.getByRole("button", { name: "Suspend…" }).count()).toBe(0);
  await page.locator("[data-step=record_specification][data-status=completed]").waitFor();

  await page.getByRole("button", { name: "Rebuild…" }).click();
  await dialog.getByLabel("Image").selectOption("debian-13-x64");
  await dialog.getByText("There is no way back").waitFor();
  expect(await dialog.getByRole("button", { name: "Rebuild it" }).isDisabled()).toBe(true);
  await shoot(page, "rebuild");
  await page.setViewportSize({ width: 360, height: 780 });
  await shoot(page, "rebuild-narrow");
  await page.setViewportSize({ width: 1280, height: 860 });
  await dialog.getByLabel("Type the hostname").fill(hostname);
  expect(await dialog.getByRole("button", { name: "Rebuild it" }).isDisabled()).toBe(false);
  await dialog.getByRole("button", { name: "Leave it" }).click();

  await page.getByRole("button", { name: "Suspend…" }).click();
  await dialog.getByText("billed all the same").waitFor();
  await dialog.getByRole("button", { name: "Suspend it" }).click();
  await page.locator("h1 [data-status=suspended]").waitFor();
  await page.getByRole("button", { name: "Unsuspend…" }).waitFor();
  expect(await page.getByRole("button", { name: "Rebuild…" }).count()).toBe(0);
  expect(page.faults).toEqual([]);
});

test("a droplet that is there already is adopted from the inventory, once it was shown what that does", async () => {
  await it.stranger("old-shop");
  await vi.waitFor(
    async () => {
      await it.api("POST", "/v1/inventory/sync");
      expect((await it.api("GET", "/v1/resources?managed=false&status=active")).items).toHaveLength(1);
    },
    { timeout: 30_000, interval: 1000 },
  );
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "inventory?managed=false");
  await page
    .getByRole("row", { name: /old-shop/ })
    .getByRole("button", { name: "Adopt…" })
    .click();
  const dialog = page.getByRole("dialog");
  const adopt = dialog.getByRole("button", { name: "Adopt it" });
  await dialog.getByText("Choose a tenant and a hostname").waitFor();
  expect(await adopt.isDisabled()).toBe(true);
  await dialog.getByLabel("Tenant").selectOption(tenant);
  await dialog.getByLabel("Hostname").fill("shop.elsewhere.example");
  await dialog.getByLabel("DNS").selectOption("manage");
  await dialog.getByRole("alert").first().waitFor();
  expect(await adopt.isDisabled()).toBe(true);
  await dialog.getByLabel("DNS").selectOption("keep");
  await dialog.getByText("it is not restarted").waitFor();
  await shoot(page, "adopt");
  await adopt.click();
  await page.locator("h1 [data-status=active]").waitFor();
  const [adopted] = (await it.api("GET", "/v1/deployments?hostname=shop.elsewhere.example")).items;
  expect(adopted).toMatchObject({ adopted: true, protected: true });
  expect(page.faults).toEqual([]);
});

test("a release says what is on and off", async () => {
  const page = await it.openPage();
  await signIn(page, it.token);
  await visit(page, "releases");
  await page.getByText("New release", { exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("web-9");
  await page.getByLabel("Image").selectOption("debian-13-x64");
  await page.getByLabel("Nothing on the droplet's own disk is missed").check();
  await page.getByLabel("The app before can go on with what this one has written").check();
  await page.getByLabel("An IPv6 address too").check();
  await page.getByLabel("Deployments that do not say get a reserved IP").check();
  await page.getByRole("button", { name: "Create release" }).click();
  await page.getByRole("row", { name: /web-9/ }).waitFor();
  const on = { stateless: true, rollback_safe: true, ipv6: true, reserved_ip: true };
  expect(await it.api("GET", "/v1/releases/web-9")).toMatchObject({ ...on, backups: false });
  expect(page.faults).toEqual([]);
});
