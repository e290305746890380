import { sql } from "kysely";
import { inject, onTestFinished } from "vitest";
import { systemClock } from "#clock.ts";
import { openDatabase } from "#db/connection.ts";
import { openQueue } from "#webhooks/queue.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { patienceMs } from "#webhooks/deliver.ts";
import { runWebhooks, type RunnerOptions, webhookQueue } from "#webhooks/runner.ts";
import { deploymentOf, startApi } from "./api.ts";

const allowed = { webhookTargets: { allowPrivate: true } };

/** The API, and a worker's part that delivers webhooks, with pauses of milliseconds. */
export async function setUpWebhooks(changes: Partial<RunnerOptions> = {}) {
  const api = await startApi(allowed);
  const lines: string[] = [];
  const log = openLog("info", { write: (line) => void lines.push(line) });
  const database = openDatabase(await databaseUrl(api), { log });
  const run = async (more: Partial<RunnerOptions> = {}) => {
    const queue = await openQueue(database.pool, log);
    const ending = new AbortController();
    const common = { db: database.db, clock: systemClock, ids: systemIds(systemClock), secrets: api.secrets, log };
    const policy = { allowPrivate: true };
    const options = {
      ...common,
      lanes: queue.keyed(webhookQueue),
      policy,
      pauses: [20, 20, 20],
      patienceMs,
      release: "test",
    };
    const running = runWebhooks({ ...options, pollMs: 20, ...changes, ...more }, ending.signal);
    return async () => {
      ending.abort();
      await running;
      await queue.stop();
    };
  };
  let stop = await run();
  onTestFinished(async () => {
    await stop();
    await database.close();
    await api[Symbol.asyncDispose]();
  });
  const create = async (target: string, more: object = {}) =>
    (await api.call("POST", "/v1/webhooks", { url: target, ...more })).body;
  const deliveries = async (id: string) => (await api.call("GET", `/v1/webhooks/${id}/deliveries`)).body.items;
  return {
    ...api,
    lines,
    create,
    deliveries,
    run,
    stop: () => stop(),
    start: async () => void (stop = await run()),
    hook: async (id: string) => (await api.call("GET", `/v1/webhooks/${id}`)).body,
    async deployed(slug: string) {
      const tenant = await api.newTenant(slug);
      const asked = deploymentOf(tenant.id, { hostname: `${slug}.example.com` });
      const { body } = await api.call("POST", "/v1/deployments", asked);
      await api.call("DELETE", `/v1/deployments/${body.id}`);
      return { tenant, id: body.id };
    },
  };
}

const databaseUrl = async (api: Awaited<ReturnType<typeof startApi>>): Promise<string> => {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(api.db);
  return Object.assign(new URL(inject("testServer").adminUrl), { pathname: `/${rows[0]?.name}` }).href;
};
