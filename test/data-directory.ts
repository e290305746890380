import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#clock.ts";
import { accountOwning } from "#db/embedded/account.ts";
import { stopPostmaster } from "#db/embedded/stop.ts";
import { openLog } from "#log.ts";

export interface DataDirectory extends AsyncDisposable {
  readonly path: string;
  /** Instead of the one that root uses on this machine. */
  readonly place: string;
}

/** A data directory for a test. At its end the server in it is stopped, whoever started it, and all is removed. */
export async function createDataDirectory(): Promise<DataDirectory> {
  const home = await mkdtemp(join(tmpdir(), "arcadia-data-"));
  await chmod(home, 0o711);
  const path = join(home, "data");
  return {
    path,
    place: join(home, "place"),
    async [Symbol.asyncDispose]() {
      const data = await realpath(join(path, "postgres")).catch(() => undefined);
      if (data) await stopPostmaster({ data, account: await accountOwning(data) }, systemClock, openLog("error"));
      await rm(home, { recursive: true });
    },
  };
}
