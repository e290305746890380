import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { readConfig } from "#config.ts";
import { openLog } from "#log.ts";
import { serve } from "#main/serve.ts";
import { createTestDatabase } from "#test/database.ts";
import type { Json } from "#test/test-simulator.ts";
import { startChromium } from "./chromium.ts";
import { startLine } from "./line.ts";

const screenshots = new URL("../../screenshots/", import.meta.url).pathname;

export type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

/** The whole product on a database of its own with its built-in simulator, and a browser before it. */
export async function startDashboard(settings: Record<string, string> = {}) {
  const database = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), "arcadia-browser-"));
  const environment = {
    DATABASE_URL: database.url,
    ARCADIA_DATA_DIR: directory,
    ARCADIA_POLL_SECONDS: "0.3",
    ARCADIA_SETTLE_SECONDS: "0.5",
    ARCADIA_DNS_DRAIN: "off",
    ARCADIA_SIM_BOOT_MS: "1200",
    PORT: "0",
    ...settings,
  };
  const start = (port = "0") =>
    serve(readConfig({ ...environment, PORT: port }), openLog("silent"), { simulatorLagMs: 100 });
  let server = await start();
  const { url } = server;
  const token = (await readFile(join(directory, "admin-token"), "utf8")).trim();
  const browser = await startChromium();

  /** One request to the API, by default as the admin. */
  const api = async (method: string, path: string, body?: object, as = token) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${as}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const newTenant = (slug: string) => api("POST", "/v1/tenants", { slug, name: slug.toUpperCase() });

  return {
    url,
    token,
    api,
    newTenant,
    db: database.db,
    arm: async (fault: object) => {
      const answer = await fetch(`${server.providerUrl}/_sim/faults`, { method: "POST", body: JSON.stringify(fault) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    disarm: () => fetch(`${server.providerUrl}/_sim/faults`, { method: "DELETE" }),
    /** Reads a path until what it says is so. */
    async until(path: string, isSo: (body: Json) => boolean): Promise<void> {
      for (let waited = 0; !isSo(await api("GET", path)); waited += 100) {
        if (waited > 30_000) throw new Error(`${path} never became what was waited for`);
        await sleep(100);
      }
    },
    /** A droplet that somebody else makes in the account. */
    async stranger(name: string): Promise<void> {
      const { url: provider, token: secret } = JSON.parse(await readFile(join(directory, "simulator.json"), "utf8"));
      const spec = { name, region: "fra1", size: "s-2vcpu-4gb", image: "debian-12-x64", tags: ["mail"] };
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
      const answer = await fetch(`${provider}/v2/droplets`, { method: "POST", headers, body: JSON.stringify(spec) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    truth: async () => (await fetch(`${server.providerUrl}/_sim/state`)).json(),
    newToken: async (role: string, tenantId?: string): Promise<string> =>
      (await api("POST", "/v1/tokens", { name: `a ${role}`, role, ...(tenantId && { tenant_id: tenantId }) })).token,
    newDeployment: (tenantId: string, name: string, more: object = {}) =>
      api("POST", "/v1/deployments", {
        tenant_id: tenantId,
        name,
        hostname: `${name}.example.com`,
        region: "syd1",
        size_slug: "s-1vcpu-512mb-10gb",
        image: "ubuntu-24-04-x64",
        provision: true,
        ...more,
      }),
    openPage: (options: Parameters<Browser["newContext"]>[0] = {}) => openPage(browser, url, options),
    /** A tab whose every byte goes over a line that can be made to swallow them. */
    async openPageOverLine() {
      const line = await startLine(Number(new URL(url).port));
      return { line, page: await openPage(browser, line.url, {}) };
    },
    stopServer: () => server.stop(),
    startServer: async () => {
      server = await start(new URL(url).port);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server.stop();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A tab of its own. What it asked of any other host, and what went wrong in it, is kept. */
async function openPage(browser: Browser, url: string, options: Parameters<Browser["newContext"]>[0]) {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const strangers: string[] = [];
  const faults: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) strangers.push(request.url());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(message.text());
  });
  await page.goto(url);
  return Object.assign(page, { strangers, faults });
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** Goes to an address within the dashboard. */
export const visit = (page: Page, path: string): Promise<void> =>
  page.evaluate((hash) => location.assign(hash), `#/${path}`);

export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
