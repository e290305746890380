import { steadyNow, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { openDatabase } from "#db/connection.ts";
import { askDatabase, openDatabaseClock } from "#db/database-clock.ts";
import { type Listener, listen } from "#db/listener.ts";
import { wakeChannel } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import type { Log } from "#log.ts";
import { watchLives } from "#main/lives.ts";
import { runWorker } from "#main/run-worker.ts";
import type { SecretBox } from "#secrets/secret-box.ts";

export interface WorkerHere {
  /** Stops in good order; asking twice is asking once. */
  stop(graceMs?: number): Promise<void>;
}

/** A worker in this process, with connections of its own: what `arcadia worker` runs. */
export async function startWorkerHere(url: string, config: Config, secrets: SecretBox, log: Log): Promise<WorkerHere> {
  const ids = systemIds(systemClock);
  const database = openDatabase(url, { log, max: 10, met: watchLives({ url, ids, log }) });
  const timing = { ask: askDatabase(database.db), wall: systemClock, steady: steadyNow, log };
  const clock = await openDatabaseClock(timing);
  const { token = "", url: providerUrl, domain } = config.provider;
  const at = { url: providerUrl, probeProxy: config.probeProxy ?? providerUrl };
  const provider = { ...at, token, zone: domain, simulated: true, close: async () => undefined };
  let listener: Listener | undefined;
  const hears = () => listener?.hears ?? false;
  const running = await runWorker({ config, db: database.db, provider, secrets, clock, ids, log, hears });
  const ring = () => running.worker.ring();
  listener = listen({
    url,
    statements: database.statements,
    channels: [wakeChannel],
    clock,
    log,
    onMessage: ring,
    onConnected: ring,
  });
  let stopping: Promise<void> | undefined;
  const stop = async (graceMs: number) => {
    await listener?.close();
    await running.stop(graceMs);
    await clock.close();
    await database.close();
  };
  return { stop: (graceMs = 2000) => (stopping ??= stop(graceMs)) };
}
