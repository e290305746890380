import type { Clock } from "#clock.ts";
import { systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { listen } from "#db/listener.ts";
import { warnOfRoom } from "#db/room.ts";
import { openQueue } from "#engine/queue.ts";
import { wakeChannel } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import type { Log } from "#log.ts";
import { openExternal, requireDatabaseUrl } from "./open-database.ts";
import { joinProvider } from "./open-provider.ts";
import { openSecrets } from "./run-api.ts";
import { runWorker } from "./run-worker.ts";
import { startWebhooks } from "./run-webhooks.ts";
import { openInTurn } from "./shutdown.ts";

const graceMs = 4000;

/** Starts a worker by itself; as many as wanted share one DATABASE_URL. */
export async function work(config: Config, log: Log, clock: Clock = systemClock) {
  return openInTurn(async (opened) => {
    const ids = systemIds(clock);
    const url = requireDatabaseUrl(config);
    const provider = await joinProvider(config);
    const connections = config.connections.worker;
    const database = opened(await openExternal(url, { config, log, clock, connections }), (it) => it.stop());
    const { db, statements } = database;
    await warnOfRoom(database, connections + 1, log);
    const secrets = await openSecrets(config);
    const queue = opened(await openQueue(statements, "worker", log), (it) => it.stop());
    const parts = { config, db, queue, provider, secrets, clock, ids, log };
    const running = opened(await runWorker(parts), (it) => it.stop(graceMs));
    opened(startWebhooks(parts), (it) => it.stop());
    opened(
      listen({
        url,
        statements,
        channels: [wakeChannel],
        clock,
        log,
        onMessage: () => running.doorbell.ring(),
        onConnected: () => running.doorbell.ring(),
      }),
      (it) => it.close(),
    );
    return { id: running.id };
  });
}
