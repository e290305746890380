import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type Database, openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { cloneDatabase, dropDatabase, type TestServer } from "./test-server.ts";

export interface TestDatabase extends Database {
  /** As the owner, as which tests look and meddle. */
  readonly url: string;
  /** As servers and workers run. */
  readonly runtimeUrl: string;
}

/** A migrated database of the test's own, dropped by `close`. Also with `await using`. */
export async function createTestDatabase(
  server: TestServer = inject("testServer"),
): Promise<TestDatabase & AsyncDisposable> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const url = await cloneDatabase(server, name);
  const runtimeUrl = Object.assign(new URL(server.runtimeUrl), { pathname: `/${name}` }).href;
  const database = openDatabase(url, { log: openLog("error"), applicationName: name });
  const close = async () => {
    await database.close();
    await dropDatabase(server, name);
  };
  return { ...database, url, runtimeUrl, close, [Symbol.asyncDispose]: close };
}
