import type { Clock } from "#clock.ts";
import { steadyNow, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { askDatabase, openDatabaseClock } from "#db/database-clock.ts";
import { type Listener, listen } from "#db/listener.ts";
import { warnOfRoom } from "#db/room.ts";
import { openQueue } from "#webhooks/queue.ts";
import { wakeChannel } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import type { Log } from "#log.ts";
import { watchLives } from "./lives.ts";
import { openExternal, requireDatabaseUrl } from "./open-database.ts";
import { joinProvider } from "./open-provider.ts";
import { openSecrets } from "./run-api.ts";
import { runWorker } from "./run-worker.ts";
import { startWebhooks } from "./run-webhooks.ts";
import { openInTurn } from "./shutdown.ts";

const graceMs = 4000;

/** Starts a worker by itself; as many as wanted share one DATABASE_URL. */
export async function work(config: Config, log: Log, wall: Clock = systemClock) {
  return openInTurn(async (opened) => {
    const ids = systemIds(wall);
    const url = requireDatabaseUrl(config);
    const provider = await joinProvider(config);
    const connections = config.connections.worker;
    const met = (at: string) => watchLives({ url: at, ids, log });
    const opening = { config, log, clock: wall, connections, met };
    const database = opened(await openExternal(url, opening), (it) => it.stop());
    const { db, statements } = database;
    const timing = { ask: askDatabase(db), wall, steady: steadyNow, log };
    const clock = opened(await openDatabaseClock(timing), (it) => it.close());
    await warnOfRoom(database, connections + 1, log);
    const secrets = await openSecrets(config);
    const queue = opened(await openQueue(statements, log), (it) => it.stop());
    const parts = { config, db, provider, secrets, clock, ids, log };
    let listener: Listener | undefined;
    const hears = () => listener?.hears ?? false;
    const running = opened(await runWorker({ ...parts, hears }), (it) => it.stop(graceMs));
    const webhooks = opened(startWebhooks({ ...parts, queue }), (it) => it.stop());
    listener = opened(
      listen({
        url,
        statements,
        channels: [wakeChannel],
        clock,
        log,
        onMessage: () => {
          webhooks.ring();
          running.worker.ring();
        },
        onConnected: () => running.worker.ring(),
      }),
      (it) => it.close(),
    );
    return { id: running.id };
  });
}
