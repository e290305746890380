import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, shoot, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;

// What is in flight stays so for long, however slow the machine is; a droplet that boots cannot be destroyed before.
beforeAll(async () => {
  it = await startDashboard({ ARCADIA_SIM_BOOT_MS: `${25_000}` });
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

test("what is being made is shown, to destroy and to cancel; a cancel keeps its reason and rolls back", async () => {
  const tenant = await it.newTenant("acme");
  const page = await it.openPage();
  await signIn(page, it.token);
  const { id } = await it.newDeployment(tenant.id, "regret");
  await visit(page, `deployments/${id}`);
  await page.locator("[data-step=wait_droplet_active][data-status=waiting]").waitFor();

  // It says what it waits for and for how long at most, and counts down.
  const wait = page.locator("[data-step=wait_droplet_active] .step-note");
  await wait.getByText(/^Waiting for droplet \d+ to become active/).waitFor();
  const left = async () => (await wait.innerText()).match(/rolled back in (\d m \d\d s)/)?.[1];
  const first = await left();
  expect(first).toBeDefined();
  await expect.poll(left, { timeout: 10_000 }).not.toBe(first);
  const { steps } = await it.api("GET", `/v1/sagas/${(await it.api("GET", `/v1/deployments/${id}`)).saga.id}`);
  for (const step of steps)
    expect([step.name, step.deadline_at !== null]).toEqual([step.name, step.name === "wait_droplet_active"]);

  // The inventory does not have it yet; its saga does.
  const { droplet, tags, uncertain } = await it.api("GET", `/v1/deployments/${id}/removal`);
  expect(droplet.provider_id).toBeGreaterThan(0);
  expect(uncertain).toBe(true);
  await page.locator(".facts-grid").getByText(String(droplet.provider_id)).waitFor();
  await shoot(page, "in-flight");
  await page.getByRole("button", { name: "Destroy…" }).click();
  const dialog = page.getByRole("dialog");
  for (const text of [String(droplet.provider_id), droplet.name, tags[0], "goes on making it"])
    await dialog.getByText(text).first().waitFor();
  await shoot(page, "destroy-in-flight");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByLabel("Reason").fill("wrong size");
  await shoot(page, "cancel");
  await page.getByRole("button", { name: "Cancel and roll back" }).click();
  await page.locator("h1 [data-status=cancelled]").waitFor();
  await page.getByText("wrong size").first().waitFor();
  expect((await it.api("GET", `/v1/deployments/${id}`)).saga.cancel_reason).toBe("wrong size");
  expect(await it.api("GET", `/v1/deployments/${id}/removal`)).toMatchObject({ droplet: null, uncertain: false });
  expect((await it.truth()).droplets).toEqual([]);
  expect(page.faults).toEqual([]);
});
