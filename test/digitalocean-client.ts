import { Writable } from "node:stream";
import { systemClock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { createBudget, type Limits } from "#providers/digitalocean/budget.ts";
import { createDigitalOcean, type DigitalOcean, type DigitalOceanOptions } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { createTestDatabase } from "./database.ts";
import { type ScriptedAnswer, startScriptedProvider } from "./scripted-provider.ts";

export const testToken = "dop_v1_0123456789abcdef";

export interface TestClient extends DigitalOcean {
  /** Everything it logged, as text. */
  logged(): string;
}

/** A client as a worker has it, but without pauses between its tries. */
export function connectDigitalOcean(
  options: { readonly baseUrl: string; readonly db: Db; readonly limits?: Limits } & Partial<DigitalOceanOptions>,
): TestClient {
  const { db, limits, ...rest } = options;
  const clock = options.clock ?? systemClock;
  const ids = { ...systemIds(clock), random: () => 0 };
  const lines: string[] = [];
  const log = openLog(
    "trace",
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  );
  const budget = createBudget({ db, clock, ids, ...(limits ? { limits } : {}) });
  const client = createDigitalOcean({ token: testToken, clock, ids, budget, log, ...rest });
  return { ...client, logged: () => lines.join("") };
}

/** The error that `promise` must reject with. */
export async function failureOf(promise: Promise<unknown>): Promise<DigitalOceanError> {
  const outcome: unknown = await promise.then(
    () => "success",
    (error: unknown) => error,
  );
  if (outcome instanceof DigitalOceanError) return outcome;
  throw new Error(`Expected a DigitalOceanError, got ${String(outcome)}`, { cause: outcome });
}

/** The same with a database of its own, and a provider that gives these answers in turn. */
export async function connectScripted(answers: readonly ScriptedAnswer[]) {
  const database = await createTestDatabase();
  const provider = await startScriptedProvider(
    (_, index) => answers[index] ?? { status: 400, body: { id: "bad_request", message: "No." } },
  );
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const close = async () => {
    await provider[Symbol.asyncDispose]();
    await database.close();
  };
  return { client, provider, [Symbol.asyncDispose]: close };
}
