import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import type { Clock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Db } from "#db/connection.ts";
import { choreQueue } from "#engine/chores.ts";
import { createServer } from "#http/server.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { createMetrics } from "#metrics/metrics.ts";
import { claimDirectory } from "#private-directory.ts";
import { allSagas } from "#sagas/all.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { secretBox, type SecretBox } from "#secrets/secret-box.ts";
import { loadSecretKey } from "#secrets/secret-key.ts";
import { createResolver } from "#webhooks/resolver.ts";
import { CannotListen } from "./cannot-listen.ts";
import { openDashboard } from "./dashboard/built-dashboard.ts";
import { createLiveFeed, type LiveFeed } from "./live-feed.ts";

export interface ApiParts {
  readonly config: Config;
  readonly db: Db;
  readonly zone: string | undefined;
  /** Whether the database's notifications arrive. */
  readonly hears: () => boolean;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Hears of every change that was asked for and has been committed. */
  readonly changed?: () => void;
}

export interface RunningApi {
  readonly url: string;
  readonly feed: LiveFeed;
  /** Ends the event streams at once and waits for the requests that run. */
  close(): Promise<void>;
}

export async function runApi(parts: ApiParts): Promise<RunningApi> {
  const { config, db, zone, hears, secrets, clock, ids, log, changed } = parts;
  const feed = createLiveFeed();
  const queue = choreQueue(db, clock);
  const dashboard = openDashboard(log);
  const app = await createServer({
    db,
    tenantQuota: config.tenantQuota,
    destroysPerHour: config.destroysPerHour,
    sagas: createSagas({ clock, ids, zone, secrets }),
    clock,
    ids,
    log,
    secrets,
    feed,
    zone,
    host: config.host,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    requestLimits: config.requests,
    requestSync: (tx) => queue.requestChore(tx, "sync"),
    queueReady: () => queue.isReady(),
    hears,
    changed,
    webhookTargets: { allowPrivate: config.webhookAllowPrivate, resolve: createResolver() },
    metrics: createMetrics({
      db,
      clock,
      release: manifest.version,
      requestLimits: config.requests,
      sagaNames: [...allSagas.keys()],
      openStreams: () => feed.open,
    }),
    dashboard: dashboard.directory,
  });
  const url = await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw new CannotListen(config.host, config.port, error);
  });
  return {
    url,
    feed,
    async close() {
      dashboard.close();
      await app.close();
    },
  };
}

/** The key for secrets at rest: configured, or made at the first start in the data directory. */
export async function openSecrets({ secretKey, dataDirectory }: Config): Promise<SecretBox> {
  if (secretKey === undefined) claimDirectory(dataDirectory);
  return secretBox(await loadSecretKey({ configured: secretKey, file: join(dataDirectory, "secret-key") }));
}
