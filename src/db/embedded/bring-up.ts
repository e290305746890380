import { join } from "node:path";
import { after, type Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import { type Addresses, readAddresses, writeAddresses } from "./address.ts";
import type { Cluster } from "./cluster.ts";
import { findPostmaster } from "./postmaster.ts";
import { launch, rotate, type Server, type Settings, tail } from "./server.ts";
import { locate, socketDirectory } from "./socket.ts";
import { stopPostmaster } from "./stop.ts";
import { welcomes } from "./welcome.ts";

export interface BringUp {
  cluster: Cluster;
  /** Where the address and the log are. */
  directory: string;
  log: Log;
  clock: Clock;
  settings: Settings;
}

/** A server that has to recover from a crash may take this long until it answers. */
const patienceMs = 60_000;
const lookEveryMs = 10;
/** Between attempts: after a kill -9, PostgreSQL waits for the last of the old server's processes to go. */
const pausesMs = [100, 200, 400, 800, 1600];

/**
 * One loop for every way in: looks at what runs on the cluster, launches a server when nothing does, and ends when the
 * one that runs has welcomed us. One that listens elsewhere was started by the release before: it is stopped first.
 */
export async function bringUp(options: BringUp): Promise<{ addresses: Addresses; adopted: boolean }> {
  const { cluster, directory, log, clock } = options;
  const logFile = join(directory, "postgres.log");
  const addresses = await readAddresses(directory);
  const sockets = await socketDirectory(cluster, addresses.runtime);
  for (const address of [addresses.owner, addresses.runtime]) locate(address, sockets);
  const deadline = after(clock.now(), patienceMs);
  const pauses = [...pausesMs];
  let server: Server | undefined;
  for (;;) {
    const found = await findPostmaster(cluster);
    if (found?.ready && (found.sockets !== sockets || found.listens !== "")) {
      log.info({ pid: found.pid, listens: found.listens }, "Embedded PostgreSQL listens elsewhere; it is started anew");
      await stopPostmaster(cluster, clock, log);
      continue;
    }
    if (found?.ready && (await welcomes(addresses, cluster, found))) {
      await writeAddresses(directory, addresses);
      const adopted = found.pid !== server?.pid;
      log.info({ pid: found.pid, data: cluster.data, adopted }, "Embedded PostgreSQL is ready");
      return { addresses, adopted };
    }
    const ended = server?.ended();
    if (!found && ended !== undefined) {
      const pause = pauses.shift();
      if (pause === undefined) throw await failed(`ended with ${ended}`, cluster, logFile);
      server = undefined;
      await clock.sleep(pause);
    } else if (!found && !server) {
      await rotate(logFile);
      server = launch(cluster, sockets, logFile, options.settings);
    }
    if (clock.now() > deadline) throw await failed("was not ready after a minute", cluster, logFile);
    await clock.sleep(lookEveryMs);
  }
}

async function failed(how: string, cluster: Cluster, logFile: string): Promise<Error> {
  return new Error(
    `The embedded PostgreSQL on ${cluster.data} ${how}. The end of ${logFile}:\n${await tail(logFile, 12)}\n` +
      "Correct what it names and start again, or set DATABASE_URL to a PostgreSQL of your own.",
  );
}
