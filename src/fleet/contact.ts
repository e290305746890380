import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { DigitalOcean } from "#digitalocean/client.ts";
import { DigitalOceanError } from "#digitalocean/errors.ts";
import { extendDeadlines } from "#engine/store.ts";
import type { Log } from "#log.ts";
import { noteContact, noteDown, type ProviderRow } from "#provider/provider.ts";
import { wakeAll, type Watchers } from "./watchers.ts";

/** Finds out whether the provider answers, and whose account it is. */
export interface Contact {
  /**
   * Asks the provider now, once for all who ask at the same time; records the answer and @returns it.
   * Rejects with the signal's reason when aborted: the question goes on for the others.
   */
  check(signal: AbortSignal): Promise<ProviderRow>;
  /**
   * Why this worker may do nothing at the provider; undefined when it may. What other workers found out does not
   * count for its own token: it acts only after it has met the account itself (rule 18).
   */
  objection(provider: ProviderRow): string | undefined;
  /** Whether asking may help: the provider is not up, or this worker's token has not been tried yet. */
  isWorthAsking(provider: ProviderRow): boolean;
  /** Gives up a question that is still open. */
  close(): Promise<void>;
}

export interface ContactOptions extends Watchers {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly simulated: boolean;
}

/** How long the provider may take to tell the account, tries and pauses included. Milliseconds. */
const patienceMs = 10_000;

export function createContact(options: ContactOptions): Contact {
  const { db, clock, log } = options;
  const closing = new AbortController();
  let asking: Promise<ProviderRow> | undefined;
  let met: string | undefined;

  const isStranger = (provider: ProviderRow): boolean =>
    met !== undefined && provider.account_uuid !== null && met !== provider.account_uuid;

  const ask = async (): Promise<ProviderRow> => {
    const patience = clock.timeout(patienceMs);
    try {
      const signal = AbortSignal.any([closing.signal, patience]);
      const account = await options.digitalOcean.account.get({ priority: "undo", signal });
      const first = met === undefined;
      met = account.uuid;
      const contact = {
        accountUuid: account.uuid,
        dropletLimit: account.droplet_limit,
        simulated: options.simulated,
      };
      const { row, back } = await db.transaction().execute(async (tx) => {
        const now = clock.now();
        const { before, after } = await noteContact(tx, contact, now);
        if (after.status === "wrong_account" && before.status !== after.status) log.error(after.reason);
        if (after.status !== "up" || (before.status === "up" && !first)) return { row: after, back: false };
        if (before.since && !["unknown", "up"].includes(before.status)) {
          log.info({ since: before.since }, "The provider is back; what was paused goes on");
          await extendDeadlines(tx, before.since, now);
        }
        return { row: after, back: true };
      });
      if (back) await wakeAll(options, db, "provider");
      return row;
    } catch (error) {
      const silent = patience.aborted && !closing.signal.aborted;
      if (!silent && !isTelling(error)) throw error;
      const reason = silent ? `the provider does not answer within ${patienceMs / 1000} s` : describe(error);
      return db.transaction().execute(async (tx) => {
        const row = await noteDown(tx, reason, clock.now());
        if (row.since?.getTime() === row.checked_at?.getTime())
          log.error({ err: error }, "The provider is down: sagas pause, nothing is lost, their deadlines stand still");
        return row;
      });
    }
  };

  return {
    check(signal) {
      asking ??= ask().finally(() => (asking = undefined));
      return orAborted(asking, signal);
    },
    objection(provider) {
      if (provider.status !== "up") return provider.reason ?? "the provider has not been reached yet";
      if (met === undefined) return "this worker has not reached the provider yet";
      if (isStranger(provider)) return `this worker's token belongs to another account, ${met}`;
      return undefined;
    },
    // The account behind a stranger's token stays another one: asking again would only pause those who are right.
    isWorthAsking: (provider) => !isStranger(provider) && (provider.status !== "up" || met === undefined),
    async close() {
      closing.abort();
      await asking?.catch(() => undefined);
    },
  };
}

const orAborted = <Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });

/** Whether it says that we cannot work with the provider: one that only has no room for the question does not. */
const isTelling = (error: unknown): boolean =>
  error instanceof DigitalOceanError && error.reason !== "rate_limited" && error.reason !== "aborted";

function describe(error: unknown): string {
  if (!(error instanceof DigitalOceanError)) return String(error);
  if (error.reason === "unauthorized") return "the provider refuses our token (401): check DIGITALOCEAN_TOKEN";
  if (error.reason === "server_error") return `the provider answers ${error.status}`;
  const lead = error.status ? "the provider cannot be worked with" : "the provider cannot be reached";
  return `${lead}: ${error.message}`;
}
