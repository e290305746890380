import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import { bringUp } from "./bring-up.ts";
import { openCluster } from "./cluster.ts";
import type { DirectoryLock } from "./lock.ts";
import { systemPlace } from "./outside.ts";
import type { Settings } from "./server.ts";
import { stopPostmaster } from "./stop.ts";
import { supervise } from "./supervise.ts";

export interface Embedded {
  /** Of the database `arcadia`, with the password of the role that may read and write rows. */
  readonly url: string;
  /** The same for its owner, who migrates and restores. */
  readonly ownerUrl: string;
  /** Whether the server ran already: it outlived the process that had started it. */
  readonly adopted: boolean;
  /**
   * Starts the server again whenever it ends by itself (killed, out of memory), until `signal` aborts; then resolves.
   * End this before `stop`. Rejects when the server does not come back at the same address.
   */
  supervise(signal: AbortSignal): Promise<void>;
  /** Ends the server, whoever started it; open connections are cut. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Of the directory in which everything lives: `postgres`, `postgres-url`, `postgres-owner-url`, `postgres.log`. */
  lock: DirectoryLock;
  log: Log;
  clock: Clock;
  /** Beside PostgreSQL's defaults. */
  settings?: Settings;
  /** As root: where the data goes that another user must reach. */
  place?: string;
}

/**
 * A running PostgreSQL on the locked directory: the one that is there already, or a new one.
 * @throws when it is not ready within a minute, with the end of its log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log, clock, settings = {}, place = systemPlace } = options;
  const { directory } = options.lock;
  const cluster = await openCluster(directory, place);
  const start = async () => bringUp({ cluster, directory, log, clock, settings });
  const { addresses, adopted } = await start();
  const again = async () => ({ url: (await start()).addresses.runtime.href });
  const url = addresses.runtime.href;
  return {
    url,
    ownerUrl: addresses.owner.href,
    adopted,
    supervise: async (signal) => supervise({ cluster, url, start: again, clock, log, signal }),
    stop: async () => stopPostmaster(cluster, clock, log),
  };
}
