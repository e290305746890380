import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "#config.ts";
import { openLog } from "#log.ts";
import { serve } from "#main/serve.ts";
import { until } from "./stack.ts";

export type Served = Awaited<ReturnType<typeof serveOn>>;

/** The whole product, as `arcadia serve` runs it, on somebody's PostgreSQL and with its own simulator. */
export async function serveOn(url: string, env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-served-"));
  const logged: string[] = [];
  const config = readConfig({
    DATABASE_URL: url,
    ARCADIA_DATA_DIR: directory,
    ARCADIA_SIM_BOOT_MS: "100",
    ARCADIA_POLL_SECONDS: "0.1",
    ARCADIA_SETTLE_SECONDS: "0.5",
    ARCADIA_DNS_DRAIN: "off",
    PORT: "0",
    ...env,
  });
  const log = openLog("info", { write: (line) => void logged.push(line) });
  const clean = () => rm(directory, { recursive: true });
  const serving = await serve(config, log, { simulatorLagMs: 0 }).catch(async (error: unknown) => {
    await clean();
    throw error;
  });
  const token = (await readFile(config.adminTokenFile, "utf8")).trim();

  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(serving.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, headers: answer.headers, text, body: json ? JSON.parse(text) : undefined };
  };
  return {
    ...serving,
    config,
    token,
    logged,
    ask,
    /** As `ask`, where only success will do. */
    async get(method: string, path: string, body?: object) {
      const answer = await ask(method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await serving.stop();
      await clean();
    },
  };
}

/** A tenant and its deployment, provisioned to the end. @returns what was made */
export async function provision({ get }: Served, slug: string) {
  const tenant = (await get("POST", "/v1/tenants", { slug, name: `Ärzte ${slug} 医` })).body;
  const made = await get("POST", "/v1/deployments", {
    tenant_id: tenant.id,
    name: `${slug}-app`,
    hostname: `${slug}.example.com`,
    region: "nyc3",
    size_slug: "s-1vcpu-1gb",
    image: "ubuntu-24-04-x64",
    user_data: "#cloud-config\n# Grüße\\n'\n",
    provision: true,
  });
  const { id, saga } = made.body;
  const status = await until(
    `${slug} to be provisioned`,
    async () => {
      const { body } = await get("GET", `/v1/deployments/${id}`);
      return ["active", "cancelled"].includes(body.status) && body.status;
    },
    150_000,
  );
  if (status !== "active") throw new Error(`The deployment is ${status}`);
  return { tenant, id, sagaId: saga.id };
}

/** Every kind of request that reads or writes: throws where one of them does not do what it should. */
export async function exercise(served: Served): Promise<void> {
  const { get } = served;
  const { id, sagaId, tenant } = await provision(served, "acme");
  await get("POST", "/v1/tenants", { slug: "globex", name: "Globex" });
  const events = (await get("GET", `/v1/sagas/${sagaId}/events`)).text;
  if (!events.includes('"completed"')) throw new Error(`The events end without an end: ${events.slice(-300)}`);
  const [first] = await pagesOf(served, "/v1/tenants?limit=1");
  expectSame(first, ["globex", "acme"]);
  expectSame((await pagesOf(served, "/v1/tenants?q=ACM"))[0], ["acme"]);
  for (const path of ["/v1/deployments?q=acme", "/v1/resources?q=acme", "/v1/sagas", "/v1/audit"])
    if ((await pagesOf(served, path)).length === 0) throw new Error(`${path} is empty`);
  for (const path of ["/v1/stats", "/v1/provider", "/v1/catalogue", "/v1/orphans", "/metrics"]) await get("GET", path);
  const made = Date.parse((await get("GET", `/v1/tenants/${tenant.id}`)).body.created_at);
  if (Math.abs(Date.now() - made) > 120_000) throw new Error(`The tenant was made at ${new Date(made).toISOString()}`);
  await get("DELETE", `/v1/deployments/${id}`);
  await until("the deployment to be gone", async () => {
    const { status } = (await get("GET", `/v1/deployments/${id}`)).body;
    return status === "terminated";
  });
  await get("GET", "/readyz");
}

/** The slugs of all pages, or the ids, page by page joined; and the items themselves. */
async function pagesOf({ get }: Served, path: string): Promise<[string[], ...unknown[]] | []> {
  const items: { id: string; slug?: string }[] = [];
  for (let cursor = ""; ;) {
    const { body } = await get("GET", path + (cursor && `&cursor=${cursor}`));
    items.push(...body.items);
    if (!body.next_cursor || items.length > 50) break;
    cursor = encodeURIComponent(body.next_cursor);
  }
  return items.length === 0 ? [] : [items.map((item) => item.slug ?? item.id), ...items];
}

function expectSame(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`Found ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}
