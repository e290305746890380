import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signIn, visit } from "./dashboard.ts";
import { startFleet } from "./fleet.ts";

let it: Awaited<ReturnType<typeof startFleet>>;
let axe: string;
let waiting: { readonly id: string };
let released: { readonly id: string };
let page: Page;

beforeAll(async () => {
  axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  it = await startFleet(1, { ARCADIA_SIM_BOOT_MS: "1500", ARCADIA_WEBHOOK_ALLOW_PRIVATE: "true" });
  const seen = { first_seen_at: new Date(), last_seen_at: new Date() };
  const stray = { provider_id: 4711, name: "nobodys", verdict: "alert" as const, reason: "its saga is not known here" };
  await it.db
    .insertInto("strays")
    .values({ ...stray, ...seen })
    .execute();
  await it.api("POST", "/v1/webhooks", { url: "http://127.0.0.1:9/", description: "nobody listens" });
  waiting = await it.newDeployment(it.tenants[1].id, "asleep", { provision: false });
  const check = { protocol: "http", port: 80, path: "/healthz" };
  await it.api("POST", "/v1/releases", { name: "web-1", image: "ubuntu-24-04-x64", health_check: check });
  const more = { release: "web-1", variables: { GREETING: "hello" }, labels: { cohort: "internal" } };
  released = await it.newDeployment(it.tenants[1].id, "released", { ...more, provision: false });
  page = await it.openPage();
  await signIn(page, it.token);
}, 120_000);
afterAll(() => it[Symbol.asyncDispose]());

const widths = [1280, 390] as const;

/** Every rule that axe has, the one on the size of targets too, which it leaves out by itself. */
const everything: RunOptions = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } };
/** Of what is drawn in the same place in other colours, only these can say anything new. */
const colours: RunOptions = { ...everything, runOnly: ["color-contrast", "link-in-text-block"] };
const findings: string[] = [];

/** What axe finds on the page as it is, in each width and colour. */
async function look(tab: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const width of widths)
    for (const [colorScheme, options] of [["light", everything] as const, ["dark", colours] as const]) {
      await tab.setViewportSize({ width, height: 860 });
      await tab.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await tab.evaluate(axe);
      const { violations } = await tab.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
      for (const { id, impact, nodes } of violations)
        for (const { target, any } of nodes)
          found.push(`${name} ${width} ${colorScheme}: ${id} (${impact}) ${target.join(" ")} ${any[0]?.message ?? ""}`);
    }
  findings.push(...found);
  return found;
}

afterAll(() => {
  const by = Object.entries(Object.groupBy(findings, (finding) => / ([\w-]+ \(\w+\)) /.exec(finding)?.[1] ?? finding));
  console.log(`axe: ${findings.length} findings; ${by.map(([rule, all]) => `${rule}: ${all?.length}`).join(", ")}`);
});

type Prepare = () => Promise<unknown>;
const shown = () =>
  page.locator("tbody tr, .tiles, .facts-grid, .empty, form.form, .problem, main p:not(.waiting)").first();
const dialogOf = (button: string, row?: RegExp) => async () => {
  const within = row ? page.getByRole("row", { name: row }) : page;
  await within.getByRole("button", { name: button }).first().click();
  await page.getByRole("dialog").waitFor();
};
const nothing: Prepare = async () => undefined;

/** Where to go, and what to do there. */
const states: readonly (readonly [name: string, path: () => string, prepare: Prepare])[] = [
  ["overview", () => "", () => page.locator(".tiles").waitFor()],
  ["deployments", () => "deployments", nothing],
  ["deployments, ended too", () => "deployments?status=all", nothing],
  ["deployments, none", () => "deployments?q=nowhere", () => page.locator(".empty").waitFor()],
  ["deployments, refused", () => "deployments?status=nonsense", () => page.locator(".problem").waitFor()],
  ["new deployment", () => "deployments/new", nothing],
  [
    "new deployment, faulty",
    () => "deployments/new",
    async () => {
      await page.getByRole("button", { name: "Create and provision" }).click();
      await page.locator(".fault").first().waitFor();
    },
  ],
  ["deployment", () => `deployments/${it.active[0].id}`, () => page.locator(".event-log summary").click()],
  ["deployment, pending", () => `deployments/${waiting.id}`, () => page.getByText("Provision").first().waitFor()],
  ["deployment, stuck", () => `deployments/${it.stuck.id}`, () => page.locator(".event-log li").first().waitFor()],
  ["deployment, unknown", () => "deployments/01a2013b-b878-788a-954f-628f9d9727d3", nothing],
  [
    "destroy",
    () => `deployments/${it.active[0].id}`,
    async () => {
      await dialogOf("Destroy…")();
      await page.getByRole("dialog").getByText("it ends as terminated").waitFor();
    },
  ],
  ["sagas", () => "sagas", nothing],
  ["sagas, none", () => "sagas?status=pending", () => page.locator(".empty").waitFor()],
  ["saga, stuck", () => `sagas/${it.stuck.saga.id}`, () => page.locator(".event-log li").first().waitFor()],
  ["resolve", () => `sagas/${it.stuck.saga.id}`, dialogOf("Resolve by hand")],
  ["inventory", () => "inventory", nothing],
  ["inventory, destroy", () => "inventory?managed=false", dialogOf("Destroy…")],
  ["inventory, adopt", () => "inventory?managed=false", dialogOf("Adopt…")],
  ["orphans", () => "orphans", nothing],
  ["releases", () => "releases", () => page.getByText("New release", { exact: true }).click()],
  [
    "releases, faulty",
    () => "releases",
    async () => {
      await page.getByText("New release", { exact: true }).click();
      await page.getByRole("button", { name: "Create release" }).click();
      await page.locator(".fault").first().waitFor();
    },
  ],
  ["release, delete", () => "releases", dialogOf("Delete…")],
  ["deployment of a release", () => `deployments/${released.id}`, () => page.getByText("Health").first().waitFor()],
  ["tenants", () => "tenants", () => page.getByText("New tenant").click()],
  ["tenant, edit", () => "tenants", dialogOf("Edit…", /^ACME/)],
  ["tenant, delete", () => "tenants", dialogOf("Delete…", /^ACME/)],
  ["tenant", () => `tenants/${it.tenants[0].id}`, () => page.locator(".facts-grid").waitFor()],
  ["deployment, change", () => `deployments/${released.id}`, dialogOf("Change…")],
  ["tokens", () => "tokens", () => page.getByText("New token").click()],
  [
    "token, shown once",
    () => "tokens",
    async () => {
      await page.getByText("New token").click();
      await page.getByLabel("Name", { exact: true }).fill("pager");
      await page.getByRole("button", { name: "Create token" }).click();
      await page.locator(".shown-once").waitFor();
    },
  ],
  ["token, revoke", () => "tokens", dialogOf("Revoke…")],
  ["webhooks", () => "webhooks", () => page.getByText("New webhook").click()],
  ["webhook, delete", () => "webhooks", dialogOf("Delete…")],
  [
    "webhook",
    () => "webhooks",
    async () => {
      await page.locator("tbody a").first().click();
      await page.locator(".facts-grid").waitFor();
    },
  ],
  ["audit", () => "audit", nothing],
  ["no such page", () => "nowhere", nothing],
];

test("axe finds nothing on the form that takes a token, nor once that is refused", async () => {
  const tab = await it.openPage();
  await tab.getByLabel("Token").waitFor();
  const found = await look(tab, "sign in");
  await tab.getByLabel("Token").fill("arc_nobody");
  await tab.keyboard.press("Enter");
  await tab.getByText("The token is not known").waitFor();
  expect([...found, ...(await look(tab, "sign in, refused"))]).toEqual([]);
});

test.each(states)("axe finds nothing on %s, light and dark, wide and narrow", async (name, path, prepare) => {
  await page.setViewportSize({ width: 1280, height: 860 });
  await visit(page, path());
  // Whatever the state before has opened is closed.
  await page.reload();
  await page.getByRole("region", { name: "Notices" }).getByText("1 stuck").waitFor();
  await shown().waitFor();
  await prepare();
  expect(await look(page, name)).toEqual([]);
});

test("axe finds nothing while a list is read, nor when the connection, the provider or the session is lost", async () => {
  const token = await it.newToken("viewer");
  const tab = await it.openPage();
  await signIn(tab, token);
  const never = Promise.withResolvers<void>();
  await tab.route("**/v1/sagas?**", () => never.promise);
  await visit(tab, "sagas");
  await tab.locator(".waiting").waitFor();
  const found = await look(tab, "sagas, being read");
  await tab.unroute("**/v1/sagas?**");

  await it.newDeployment(it.tenants[1].id, "patient");
  for (const method of ["GET", "POST"])
    await it.arm({ method, path: "^/v2/", kind: "status", status: 503, times: 1000 });
  await tab.getByText("DigitalOcean does not answer").waitFor();
  found.push(...(await look(tab, "provider down")));

  const { items } = await it.api("GET", "/v1/tokens");
  const { id } = items.find((one: { name: string }) => one.name === "a viewer");
  await it.api("DELETE", `/v1/tokens/${id}`);
  await tab.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  found.push(...(await look(tab, "session ended")));
  await tab.context().close();

  const other = await it.openPage();
  await signIn(other, it.token);
  await it.stopServer();
  await other.getByText("The server does not answer").waitFor();
  found.push(...(await look(other, "connection lost")));
  await it.startServer();
  expect(found).toEqual([]);
});
