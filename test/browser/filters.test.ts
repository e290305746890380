import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dashboard, signIn, startDashboard, visit } from "./dashboard.ts";

let it: Dashboard;
let page: Page;
/** What was last asked of each list. */
const asked = new Map<string, URLSearchParams>();

beforeAll(async () => {
  it = await startDashboard({ ARCADIA_WEBHOOK_ALLOW_PRIVATE: "true" });
  const tenant = await it.newTenant("acme");
  for (const name of ["shop", "shelf", "portal"]) await it.newDeployment(tenant.id, name, { provision: false });
  page = await it.openPage();
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    // Those of a banner and of a choice have a size of their own.
    if (searchParams.get("limit") !== "200") asked.set(pathname, searchParams);
  });
  await signIn(page, it.token);
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

const box = (label: string) => page.getByRole("searchbox", { name: label });
const choice = (label: string) => page.getByRole("combobox", { name: label });
const hash = () => page.evaluate(() => location.hash);
/** What was read a moment ago is read again with the next poll. */
const askedFor = (path: string, name: string) =>
  expect.poll(() => asked.get(`/v1/${path}`)?.get(name) ?? "", { timeout: 30_000 });

/** Every list with a control: its page, what it reads, and each control with a value and what is asked for it. */
const boxes = [
  ["deployments", "deployments", "q", "Search hostname or name", "sh"],
  ["deployments", "deployments", "label", "Label, such as tier=gold", "tier:gold"],
  ["inventory", "resources", "q", "Search name or address", "sh"],
  ["tenants", "tenants", "q", "Search tenants", "ac"],
  ["audit", "audit", "subject", "Who (token name)", "admin"],
  ["audit", "audit", "object_id", "Object id", "01a2013b-b878-788a-954f-628f9d9727d3"],
] as const;
const choices = [
  ["deployments", "deployments", "status", "Status", "stuck"],
  ["sagas", "sagas", "status", "Status", "stuck"],
  ["sagas", "sagas", "name", "Kind", "destroy_droplet"],
  ["inventory", "resources", "managed", "Managed", "false"],
  ["inventory", "resources", "status", "Status", "off"],
  ["inventory", "resources", "deleted", "Presence", "true"],
  ["audit", "audit", "object_type", "Object", "tenant"],
] as const;

test.each(boxes)("on %s the box for %s.%s holds what the address holds, whatever leads there", async (...row) => {
  const [path, list, name, label, text] = row;
  await visit(page, path);
  await box(label).pressSequentially(text);
  await askedFor(list, name).toBe(text);
  expect(await hash()).toBe(`#/${path}?${new URLSearchParams({ [name]: text })}`);

  // The link to the page itself forgets the filter, in the box too.
  await page.locator("nav a[aria-current]").click();
  await expect.poll(() => box(label).inputValue()).toBe("");
  expect(await hash()).toBe(`#/${path}`);
  await page.goBack();
  await expect.poll(() => box(label).inputValue()).toBe(text);
  expect(await hash()).toBe(`#/${path}?${new URLSearchParams({ [name]: text })}`);
  await page.goForward();
  await expect.poll(() => box(label).inputValue()).toBe("");

  await visit(page, `${path}?${name}=${text}`);
  await page.reload();
  await askedFor(list, name).toBe(text);
  expect(await box(label).inputValue()).toBe(text);
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.goBack();
  await box(label).waitFor();
  expect(await box(label).inputValue()).toBe(text);
  await box(label).fill("");
  await askedFor(list, name).toBe("");
  expect(await hash()).toBe(`#/${path}`);
});

test.each(choices)(
  "on %s the choice for %s.%s shows what the address holds",
  async (path, list, name, label, value) => {
    await visit(page, path);
    await choice(label).selectOption(value);
    await askedFor(list, name).toBe(value);
    expect(await hash()).toBe(`#/${path}?${name}=${value}`);
    await page.locator("nav a[aria-current]").click();
    await expect.poll(() => choice(label).inputValue()).toBe("");
    await page.goBack();
    await askedFor(list, name).toBe(value);
    expect(await choice(label).inputValue()).toBe(value);
    await page.reload();
    await choice(label).waitFor();
    expect(await choice(label).inputValue()).toBe(value);
  },
);

test("the list is that of the box after a link, Back and Forward", async () => {
  await visit(page, "deployments");
  await page.getByText("3 in all").waitFor();
  await box("Search hostname or name").fill("portal");
  await page.getByText("1 in all").waitFor();
  await page.locator("nav a[aria-current]").click();
  await page.getByText("3 in all").waitFor();
  await page.goBack();
  await page.getByText("1 in all").waitFor();
  await page.goForward();
  await page.getByText("3 in all").waitFor();
});

test("what is typed between other letters, or with a space, stays as it is typed", async () => {
  await visit(page, "deployments");
  const search = box("Search hostname or name");
  await search.fill("shp");
  await search.press("ArrowLeft");
  await search.pressSequentially("o");
  expect(await search.inputValue()).toBe("shop");
  expect(await search.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(3);
  await search.press("End");
  await search.pressSequentially(" ");
  expect(await search.inputValue()).toBe("shop ");
  await askedFor("deployments", "q").toBe("shop");
  await page.getByText("1 in all").waitFor();
  await search.fill("100% & #?/+ü");
  await askedFor("deployments", "q").toBe("100% & #?/+ü");
  await page.reload();
  await search.waitFor();
  expect(await search.inputValue()).toBe("100% & #?/+ü");
});

test("a filter that no option offers is shown as it is, and filters stand together", async () => {
  await visit(page, "deployments?status=pending,active&q=sh");
  await page.getByText("2 in all").waitFor();
  expect(await choice("Status").inputValue()).toBe("pending,active");
  expect(await choice("Status").locator("option:checked").innerText()).toBe("Pending, Active");
  await visit(page, "deployments?tenant_id=01a2013b-b878-788a-954f-628f9d9727d3&q=sh");
  await page.getByText("No deployment matches").waitFor();
  expect(await choice("Tenant").inputValue()).toBe("01a2013b-b878-788a-954f-628f9d9727d3");
  await choice("Tenant").selectOption("");
  await page.getByText("2 in all").waitFor();
  expect(await hash()).toBe("#/deployments?q=sh");
});
