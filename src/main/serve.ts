import type { Clock } from "#clock.ts";
import { systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { listen } from "#db/listener.ts";
import { openQueue, wakeChannel } from "#engine/queue.ts";
import { eventsChannel } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import type { Log } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { ensureAdminToken } from "#tokens/admin-token.ts";
import { openConfigured } from "./open-database.ts";
import { openProvider } from "./open-provider.ts";
import { openSecrets, runApi } from "./run-api.ts";
import { runWorker } from "./run-worker.ts";
import { startWebhooks } from "./run-webhooks.ts";
import { openInTurn } from "./shutdown.ts";

/** What a worker gets to reach its next commit before its sagas are handed back, in milliseconds. */
const graceMs = 4000;

export interface ServeOptions {
  readonly clock?: Clock;
  /** As root: where the embedded database's data goes, if not to the system's place. */
  readonly place?: string;
  /** Of the built-in simulator: how late lists and addresses are, in milliseconds. */
  readonly simulatorLagMs?: number;
}

export interface Serving {
  readonly url: string;
  readonly simulated: boolean;
  readonly providerUrl: string;
  /** The file that holds the admin token, when this start made it. */
  readonly newTokenFile: string | undefined;
  stop(): Promise<void>;
}

/** Starts API and worker on the configured or the embedded database. What had started is stopped again when a part fails. */
export async function serve(config: Config, log: Log, options: ServeOptions = {}): Promise<Serving> {
  const { clock = systemClock, place, simulatorLagMs } = options;
  return openInTurn(async (opened) => {
    const ids = systemIds(clock);
    claimDirectory(config.dataDirectory);
    const database = opened(await openConfigured({ config, log, clock, connections: 20, place }), (it) => it.stop());
    const { db, pool } = database;
    const secrets = await openSecrets(config);
    const admin = await ensureAdminToken(db, { token: config.adminToken, file: config.adminTokenFile, clock, ids });
    const provider = opened(await openProvider(config, log, simulatorLagMs), (it) => it.close());
    const queue = opened(await openQueue(pool, "worker", log), (it) => it.stop());
    const parts = { config, db, queue, secrets, clock, ids, log };
    const work = opened(await runWorker({ ...parts, provider }), (it) => it.stop(graceMs));
    opened(startWebhooks(parts), (it) => it.stop());
    const api = opened(await runApi({ ...parts, zone: provider.zone }), (it) => it.close());
    opened(
      listen({
        url: database.url,
        channels: [eventsChannel, wakeChannel],
        clock,
        log,
        onMessage: (channel, payload) => (channel === wakeChannel ? work.doorbell.ring() : api.feed.announce(payload)),
        onConnected: () => {
          work.doorbell.ring();
          api.feed.announce();
        },
      }),
      (it) => it.close(),
    );
    return {
      url: api.url,
      simulated: provider.simulated,
      providerUrl: provider.url,
      newTokenFile: admin.created ? admin.file : undefined,
    };
  });
}
