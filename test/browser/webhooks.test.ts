import { afterAll, beforeAll, expect, test } from "vitest";
import { startReceiver } from "#test/webhook-receiver.ts";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;

beforeAll(async () => {
  it = await startDashboard({ ARCADIA_WEBHOOK_ALLOW_PRIVATE: "true" });
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

test("a webhook is made, told, asked to take it again, switched off and deleted", async () => {
  await using receiver = await startReceiver();
  const page = await it.openPage();
  await signIn(page, it.token);
  await page.getByRole("link", { name: "Webhooks" }).click();
  await page.getByText("Nobody is told yet").waitFor();
  await page.getByText("New webhook").click();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByText("This is needed").waitFor();
  await page.getByLabel("Address").fill(receiver.url);
  await page.getByLabel("Tell it of").selectOption("deployment.*");
  await page.getByLabel("Description").fill("the pager");
  await page.getByRole("button", { name: "Create webhook" }).click();
  const secret = await page.locator(".shown-once code").innerText();
  await shoot(page, "webhook-created");

  const tenant = await it.newTenant("acme");
  await it.newDeployment(tenant.id, "told");
  await expect.poll(() => receiver.types(), { timeout: 30_000 }).toContain("deployment.active");
  receiver.verify(secret, receiver.received[0]!);
  await page.getByRole("link", { name: new URL(receiver.url).host }).click();
  const delivery = page.getByRole("row", { name: /^deployment\.active/ });
  await delivery.getByText("delivered").waitFor();
  await delivery.getByText("1 attempt").click();
  await delivery.locator("li", { hasText: "answered 204" }).waitFor();
  await shoot(page, "webhook");
  const before = receiver.received.length;
  await delivery.getByRole("button", { name: "Redeliver" }).click();
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(before + 1);
  await delivery.getByText("2 attempts").waitFor();

  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByText("switched off").waitFor();
  await page.getByText("disabled by admin").waitFor();
  expect(await page.getByText("is disabled").count()).toBe(0);
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByLabel("Type the receiver's host").fill(new URL(receiver.url).host);
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByText("Nobody is told yet").waitFor();
  expect(page.faults).toEqual([]);
  await page.context().close();
});

test("one that was disabled by its failures is told on every page, with since when and why, until it is enabled", async () => {
  await using receiver = await startReceiver(() => 410);
  const { id } = await it.api("POST", "/v1/webhooks", { url: receiver.url });
  const tenant = await it.newTenant("globex");
  await it.newDeployment(tenant.id, "gone", { provision: false });
  const page = await it.openPage();
  await signIn(page, it.token);
  const banner = page.getByText("is disabled");
  await banner.waitFor();
  await visit(page, "webhooks");
  const row = page.getByRole("row", { name: new RegExp(`^${new URL(receiver.url).host}`) });
  await row.getByText("its receiver answered 410 Gone").waitFor();
  await shoot(page, "webhook-disabled");
  await row.getByRole("button", { name: "Enable" }).click();
  await row.getByText("enabled", { exact: true }).waitFor();
  await banner.waitFor({ state: "detached" });
  expect((await it.api("GET", `/v1/webhooks/${id}`)).enabled).toBe(true);
  await page.context().close();
});

test("nobody but an admin sees them", async () => {
  const page = await it.openPage();
  await signIn(page, await it.newToken("operator"));
  expect(await page.getByRole("link", { name: "Webhooks" }).count()).toBe(0);
  await visit(page, "webhooks");
  await page.getByText("Only an admin's token sees them").waitFor();
});
