import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;
let tenant: string;

// What is to be seen on its way must last longer than a busy machine takes to draw it.
const bootMs = 8_000;

beforeAll(async () => {
  it = await startDashboard({ ARCADIA_SIM_BOOT_MS: `${bootMs}` });
  tenant = (await it.newTenant("acme")).id;
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

/** An operator's tab on a deployment that has just been asked for. */
async function watching(name: string) {
  const page = await it.openPage();
  await signIn(page, it.token);
  const { id } = await it.newDeployment(tenant, name);
  await visit(page, `deployments/${id}`);
  const step = (named: string) => page.locator(`[data-step=${named}]`);
  const status = page.locator("h1 .badge");
  return { page, id, step, status };
}

// Alone: the fault that it arms would meet the others.
test("a failure at DNS rolls everything back, and the page shows it as it happens", async () => {
  await it.arm({ method: "POST", path: "/records$", kind: "status", status: 422, times: 1 });
  // The droplet outlives its first DELETE, so that the rollback takes its time.
  await it.arm({ method: "DELETE", path: "^/v2/droplets/", kind: "ineffective", times: 1 });
  const { page, id, step, status } = await watching("broken");
  await step("point_deployment_dns").and(page.locator("[data-status=failed], [data-status=compensated]")).waitFor();
  await step("create_droplet").and(page.locator("[data-status=compensating]")).waitFor();
  await page.locator("h1 [data-status=rolling_back]").waitFor();
  await shoot(page, "rolling-back");
  await status.and(page.locator("[data-status=cancelled]")).waitFor();
  await page.locator("[data-saga-status=rolled_back]").waitFor();
  await page.getByText("Rolled back because").waitFor();
  await step("point_deployment_dns").getByText("failed here").waitFor();
  const { saga } = await it.api("GET", `/v1/deployments/${id}`);
  const note = page.locator(".saga-note", { hasText: "Rolled back because" });
  await note.getByText(saga.error.request_id).waitFor();
  await step("point_deployment_dns").getByText(saga.error.request_id).waitFor();
  await shoot(page, "rolled-back");
  await page.setViewportSize({ width: 360, height: 1400 });
  await shoot(page, "rolled-back-narrow");
  await page.setViewportSize({ width: 1280, height: 860 });
  expect((await it.truth()).droplets.filter((droplet: { name: string }) => droplet.name.startsWith("broken"))).toEqual(
    [],
  );

  await page.getByText(/Costs \$\d+ a month/).waitFor();
  await page.getByRole("button", { name: "Provision again" }).click();
  await status.and(page.locator("[data-status=active]")).waitFor();
  await page.getByRole("region", { name: "Earlier sagas" }).waitFor();
});

test.concurrent("a deployment goes from the form to active, live", async () => {
  const page = await it.openPage();
  await shoot(page, "sign-in");
  await signIn(page, it.token);
  await page.getByRole("link", { name: "Deployments" }).click();
  await page.getByRole("link", { name: "New deployment" }).first().click();
  await page.getByLabel("Tenant").selectOption(tenant);
  await page.getByLabel("Name", { exact: true }).fill("shop");
  await page.getByLabel("Hostname", { exact: true }).fill("shop.example.com");
  await page.getByLabel("Region").selectOption("syd1");
  await page.getByLabel("Size").selectOption("s-1vcpu-512mb-10gb");
  await page.getByLabel("Image").selectOption("ubuntu-24-04-x64");
  await page.getByLabel("User data").fill("#cloud-config\nruncmd: [echo secret-of-the-form]");
  await page.getByText("Costs $4 a month, by the provider").waitFor();
  await page.getByLabel("Volume").fill("50");
  await page.getByText("Costs $9 a month, by the provider").waitFor();
  const create = page.getByRole("button", { name: "Create and provision" });
  await create.scrollIntoViewIfNeeded();
  await shoot(page, "new-deployment");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "new-deployment-dark");
  await page.setViewportSize({ width: 360, height: 780 });
  await create.scrollIntoViewIfNeeded();
  await shoot(page, "new-deployment-narrow-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await shoot(page, "new-deployment-narrow");
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.getByLabel("Volume").fill("");
  await page.getByText("Costs $4 a month, by the provider").waitFor();
  await create.click();

  await page.locator("[data-step=wait_droplet_active][data-status=waiting]").waitFor();
  await shoot(page, "provisioning");
  await page.locator("h1 [data-status=active]").waitFor();
  expect(await page.locator("[data-step][data-status=completed]").count()).toBe(7);
  await page.getByText("Activate deployment").first().waitFor();
  await shoot(page, "active");
  expect(await page.content()).not.toContain("secret-of-the-form");
  expect(page.strangers).toEqual([]);
  expect(page.faults).toEqual([]);
});

test.concurrent("destroying shows what goes, and wants the hostname typed", async () => {
  const { page, id, status } = await watching("doomed");
  await status.and(page.locator("[data-status=active]")).waitFor();
  const { resource, saga } = await it.api("GET", `/v1/deployments/${id}`);
  const removal = await it.api("GET", `/v1/deployments/${id}/removal`);
  expect(removal).toMatchObject({ droplet: { provider_id: resource.provider_id }, uncertain: false, reason: null });
  // What the page read of it while it was being made is not what goes now.
  const asked = Promise.withResolvers<void>();
  await page.route("**/removal", (route) => asked.promise.then(() => route.continue()));
  await page.getByRole("button", { name: "Destroy…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Reading what there is…").waitFor();
  asked.resolve();
  await dialog.getByText("itself: it ends as terminated").waitFor();
  const text = await dialog.innerText();
  for (const part of [
    `id ${removal.dns_records[0].id}`,
    resource.name,
    String(resource.provider_id),
    resource.public_ipv4,
    "doomed.example.com",
    `arcadia-saga-${saga.id}`,
  ])
    expect(text).toContain(part);
  const destroy = dialog.getByRole("button", { name: "Destroy it" });
  expect(await destroy.isDisabled()).toBe(true);
  await dialog.getByLabel("Type the hostname").fill("doomed.example.co");
  expect(await destroy.isDisabled()).toBe(true);
  await dialog.getByLabel("Type the hostname").fill("doomed.example.com");
  await shoot(page, "destroy");
  await destroy.click();
  await status.and(page.locator("[data-status=terminated]")).waitFor();
  const { droplets } = await it.truth();
  expect(droplets.map((droplet: { id: number }) => droplet.id)).not.toContain(resource.provider_id);
  await shoot(page, "terminated");
});

test.concurrent("a viewer sees everything and may change nothing", async () => {
  const page = await it.openPage();
  await signIn(page, await it.newToken("viewer"));
  const { id } = await it.newDeployment(tenant, "watched");
  await visit(page, `deployments/${id}`);
  await page.locator("h1 [data-status=active]").waitFor();
  await page.getByText("Your token may look only").waitFor();
  for (const name of ["Destroy…", "Cancel", "Provision again", "New deployment"])
    expect(await page.getByRole("button", { name }).or(page.getByRole("link", { name })).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Tokens" }).count()).toBe(0);
  await visit(page, "tokens");
  await page.getByText("Only an admin's token sees the others").waitFor();
});
