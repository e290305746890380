import { randomBytes } from "node:crypto";
import { systemClock } from "#clock.ts";
import { openDatabase } from "#db/connection.ts";
import { createServer } from "#http/server.ts";
import type { Dependencies } from "#http/plumbing/dependencies.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { secretBox } from "#secrets/secret-box.ts";
import { createToken } from "#operations/create-token.ts";
import type { Role } from "#tokens/queries.ts";
import { createTestDatabase } from "./database.ts";

export type Api = Awaited<ReturnType<typeof startApi>>;

/** The real server on a database of its own; sagas are started and asked, but no worker runs them. */
export async function startApi(changes: Partial<Dependencies> = {}) {
  const database = await createTestDatabase();
  const { db } = database;
  const log = openLog("silent");
  // The server has the rights that it has anywhere; `db` looks on and meddles, as the owner.
  const product = openDatabase(database.runtimeUrl, { log });
  const clock = changes.clock ?? systemClock;
  const ids = systemIds(clock);
  const secrets = secretBox(randomBytes(32));
  const deps: Dependencies = {
    db: product.db,
    clock,
    ids,
    sagas: createSagas({ clock, ids, zone: "example.com", secrets }),
    log,
    secrets,
    feed: { subscribe: () => () => undefined },
    zone: "example.com",
    host: "127.0.0.1",
    requestLimits: { minute: 250, hour: 5000 },
    requestSync: async () => undefined,
    queueReady: async () => true,
    hears: () => true,
    metrics: async () => "# metrics\n",
    ...changes,
  };
  const app = await createServer(deps);

  const newToken = async (role: Role, tenantId: string | null = null, expiresAt: Date | null = null) => {
    const asked = { name: `a ${role}`, role, tenant_id: tenantId, expires_at: expiresAt };
    const made = { ids, now: new Date(0) };
    const { row, secret } = await db.transaction().execute((tx) => createToken(tx, asked, made));
    return { id: row.id, secret };
  };
  const admin = await newToken("admin");

  /** One request, by default as the admin; `token: null` sends none. */
  const call = async (
    method: "GET" | "POST" | "PATCH" | "DELETE",
    url: string,
    body?: unknown,
    options: { token?: string | null; headers?: Record<string, string> } = {},
  ) => {
    const token = options.token === undefined ? admin.secret : options.token;
    const response = await app.inject({
      method,
      url,
      ...(body !== undefined && { payload: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
    });
    const json = /json/.test(String(response.headers["content-type"])) && response.body ? response.json() : undefined;
    return { status: response.statusCode, headers: response.headers, text: response.body, body: json };
  };

  const newTenant = async (slug: string, hostnames: string[] = []) =>
    (await call("POST", "/v1/tenants", { slug, name: slug, hostnames })).body;

  return {
    ...deps,
    db,
    app,
    admin,
    call,
    newToken,
    newTenant,
    async [Symbol.asyncDispose]() {
      await app.close();
      await product.close();
      await database.close();
    },
  };
}

/** A deployment as it can be asked for. */
export const deploymentOf = (tenantId: string, changes: Record<string, unknown> = {}) => ({
  tenant_id: tenantId,
  name: "app",
  hostname: "app.example.com",
  region: "syd1",
  size_slug: "s-1vcpu-512mb-10gb",
  image: "ubuntu-24-04-x64",
  ...changes,
});
