import { hostname } from "node:os";
import type { Clock } from "#clock.ts";
import { steadyNow, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { openDatabase } from "#db/connection.ts";
import { askDatabase, openDatabaseClock } from "#db/database-clock.ts";
import { type Listener, listen } from "#db/listener.ts";
import { warnOfRoom } from "#db/room.ts";
import { openQueue } from "#webhooks/queue.ts";
import { eventsChannel, wakeChannel } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import type { Log } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { ensureAdminToken } from "#operations/admin-token.ts";
import { watchLives } from "./lives.ts";
import { openConfigured } from "./open-database.ts";
import { openProvider } from "./open-provider.ts";
import { openSecrets, runApi } from "./run-api.ts";
import { runWorker } from "./run-worker.ts";
import { startWebhooks } from "./run-webhooks.ts";
import { openInTurn } from "./shutdown.ts";

/** What a worker gets to reach its next commit before its sagas are handed back, in milliseconds. */
const graceMs = 4000;

/** How long a request waits for a connection before it is told that the server is busy, in milliseconds. */
const requestWaitMs = 10_000;

const openFront = (url: string, max: number, log: Log) =>
  openDatabase(url, { log, max, waitMs: requestWaitMs, applicationName: "arcadia-api" });

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
  const { clock: wall = systemClock, place, simulatorLagMs } = options;
  return openInTurn(async (opened) => {
    const ids = systemIds(wall);
    claimDirectory(config.dataDirectory);
    const { api: apiConnections, worker: connections } = config.connections;
    const met = (url: string) => watchLives({ url, ids, log });
    const opening = { config, log, clock: wall, connections, place, met };
    const database = opened(await openConfigured(opening), (it) => it.stop());
    const { db, url, statements } = database;
    const timing = { ask: askDatabase(db), wall, steady: steadyNow, log };
    const clock = opened(await openDatabaseClock(timing), (it) => it.close());
    await warnOfRoom(database, apiConnections + connections + 1, log);
    // Of its own: neither do many requests keep the sagas waiting, nor many sagas the requests.
    const front = opened(openFront(url, apiConnections, log), (it) => it.close());
    const secrets = await openSecrets(config);
    // An embedded database is this server's alone; in any other one the files of several may be known.
    const machine = config.databaseUrl === undefined ? undefined : hostname();
    const at = { file: config.adminTokenFile, machine };
    const admin = await ensureAdminToken(db, { ...at, token: config.adminToken, clock, ids });
    if (admin.revoked)
      log.warn(
        `The token in ${admin.file ?? "ARCADIA_ADMIN_TOKEN"} was revoked or replaced and is not taken any more; set a new one`,
      );
    const provider = opened(await openProvider(config, log, simulatorLagMs), (it) => it.close());
    const queue = opened(await openQueue(statements, log), (it) => it.stop());
    let listener: Listener | undefined;
    const hears = () => listener?.hears ?? false;
    const parts = { config, db, secrets, clock, ids, log, hears };
    const work = opened(await runWorker({ ...parts, provider }), (it) => it.stop(graceMs));
    const webhooks = opened(startWebhooks({ ...parts, queue }), (it) => it.stop());
    const apiParts = { ...parts, db: front.db, zone: provider.zone, changed: webhooks.ring };
    const api = opened(await runApi(apiParts), (it) => it.close());
    listener = opened(
      listen({
        url,
        statements,
        channels: [eventsChannel, wakeChannel],
        clock,
        log,
        onMessage: (channel, payload) => {
          webhooks.ring();
          if (channel === wakeChannel) work.worker.ring();
          else api.feed.announce(payload);
        },
        onConnected: () => {
          webhooks.ring();
          work.worker.ring();
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
