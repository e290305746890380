import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { giveBackAbsence } from "#engine/attendance.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import {
  type ContactRow,
  forgetContact,
  type Noted,
  noteFinding,
  readSurroundings,
  stayPresent,
} from "#provider/contacts.ts";
import { type ProviderRow, readProvider } from "#provider/provider.ts";
import { askWhose, type Whose } from "./ask-whose.ts";
import { wakeAll, type Watchers } from "./watchers.ts";

/** Finds out whether the provider answers this worker, and whose account it is: a fact of its own network and token. */
export interface Contact {
  /**
   * Asks the provider now, once for all who ask at the same time; records the answer.
   * Rejects with the signal's reason when aborted: the question goes on for the others.
   * @returns what the provider is as a whole, with what the other workers find
   */
  check(signal: AbortSignal): Promise<ProviderRow>;
  /** To be called about every poll: says that this worker is there, and asks again where that may help. */
  beat(signal: AbortSignal): Promise<void>;
  /** In how many milliseconds asking again is due, as far as this worker knows; 0 when it already is. */
  untilDue(): number;
  /**
   * Why this worker may do nothing at the provider; undefined when it may. What other workers found out does not
   * count for its own token: it acts only after it has met the account itself (rule 26).
   * @param provider without it, as this worker saw it last, which is about a poll ago
   */
  objection(provider?: SeenProvider): string | undefined;
  /**
   * Whether this worker may take work. One that cannot do it leaves it to those who can; where nobody can, it takes
   * it all the same, and what waits is told why.
   */
  mayTake(): Promise<boolean>;
  /** Gives up a question that is still open, and what this worker found with it. */
  close(): Promise<void>;
}

export interface ContactOptions extends Watchers {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly simulated: boolean;
  readonly workerId: string;
  readonly pollMs: number;
}

type SeenProvider = Pick<ProviderRow, "status" | "reason">;

/** How long a worker counts as present that says no more; at least three polls. Milliseconds. */
const presenceMs = 45_000;
/** The account behind a token stays the same, and a revoked token is not given back: asking often is of no use. */
const patientMs = 60_000;
/**
 * How long the provider may go without having answered any of the workers that are up, where a request has been sent since:
 * one that takes connections and never answers would be noticed only once three tries of thirty seconds have failed. And
 * how long where nobody has asked it anything. Milliseconds.
 */
const unansweredMs = 15_000;
const unaskedMs = 20_000;

export function createContact(options: ContactOptions): Contact {
  const { db, clock, log, workerId, pollMs } = options;
  const presentMs = Math.max(presenceMs, 3 * pollMs);
  const closing = new AbortController();
  let asking: Promise<ProviderRow> | undefined;
  let own: ContactRow | undefined;
  let dueAt = clock.now();
  let seen: SeenProvider = { status: "unknown", reason: null };

  const note = (told: Whose["told"], begunAt: Date): Promise<Noted> =>
    transact(db, async (tx) => {
      const at = clock.now();
      const noted = await noteFinding(tx, { workerId, begunAt, at, presentMs, told }, options.ids);
      const { status, since } = noted.former;
      const isBack = noted.provider.status === "up" && status !== "up" && status !== "unknown";
      if (isBack && since) await giveBackAbsence(tx, at, since);
      return noted;
    });

  const ask = async (): Promise<ProviderRow> => {
    const begunAt = clock.now();
    const answer = await askWhose(options, own?.status === "up", closing.signal);
    const { mine, former, provider, isLearned } = await note(answer.told, begunAt);
    if (isLearned)
      log.info(
        { account: provider.account_uuid, of: provider.account_of, formerly: former.account_uuid },
        "The account was known by its user only; it has shown what is ours, and is known by itself from now on",
      );
    const stays = mine.status === "wrong_account" || (answer.isRefused && provider.status === "up");
    if (own?.status !== mine.status) tell(log, own, mine, provider, answer.error);
    own = mine;
    const restMs = mine.status === "up" ? unaskedMs : stays ? patientMs : 0;
    dueAt = restMs === 0 && answer.retryAt ? answer.retryAt : after(mine.checked_at, restMs);
    seen = provider;
    if (provider.status === "up" && former.status !== "up") await wakeAll(options, db, "provider");
    return provider;
  };

  const isWorthAsking = async (mine: ContactRow): Promise<boolean> => {
    const now = clock.now();
    const surroundings = await readSurroundings(db, workerId, now);
    const { status, anotherIsUp, wentDownAt, othersAskedAt, heardAt, sentAt } = surroundings;
    seen = surroundings;
    // What befell another may have befallen the provider: asked once, all of them know about a poll later.
    if (mine.status === "up") {
      const answeredAt = Math.max(...[mine.checked_at, othersAskedAt, heardAt].map(Number));
      dueAt = new Date(answeredAt + (Number(sentAt) > answeredAt ? unansweredMs : unaskedMs));
      return status !== "up" || (wentDownAt !== null && wentDownAt > mine.checked_at) || dueAt <= now;
    }
    // Those for whom it was up are gone.
    if (status === "up" && !anotherIsUp) return true;
    return dueAt <= now;
  };

  const check: Contact["check"] = (signal) => {
    asking ??= ask().finally(() => (asking = undefined));
    return orAborted(asking, signal);
  };

  return {
    check,
    async beat(signal) {
      try {
        // What comes of it says that this worker is there, too.
        if (!own || (await isWorthAsking(own))) await check(signal);
      } finally {
        if (own && own.present_until < after(clock.now(), presentMs / 3)) {
          own = { ...own, present_until: after(clock.now(), presentMs) };
          await stayPresent(db, own);
        }
      }
    },
    untilDue: () => Math.max(0, dueAt.getTime() - clock.now().getTime()),
    objection(provider = seen) {
      if (own && own.status !== "up") return own.reason ?? "this worker cannot work with the provider";
      if (provider.status !== "up") return provider.reason ?? "the provider has not been reached yet";
      return own ? undefined : "this worker has not reached the provider yet";
    },
    mayTake: async () => own?.status === "up" || (await readProvider(db)).status !== "up",
    async close() {
      closing.abort();
      await asking?.catch(() => undefined);
      await forgetContact(db, workerId).catch((error: unknown) => {
        log.warn({ err: error }, "This worker could not sign off; it counts as gone a minute later");
      });
    },
  };
}

/** Logs that this worker found something else than before. */
function tell(log: Log, former: ContactRow | undefined, mine: ContactRow, provider: ProviderRow, error: unknown): void {
  const { status, reason } = mine;
  if (status === "up") {
    if (former) log.info({ since: former.since }, "The provider is back; what was paused goes on");
  } else if (provider.status === "up") {
    log.error({ err: error, reason }, "This worker cannot work with the provider: it leaves all work to the others");
  } else if (status === "wrong_account") {
    log.error(reason);
  } else {
    log.error(
      { err: error, reason },
      "The provider is down: sagas pause, nothing is lost, their deadlines stand still",
    );
  }
}

const orAborted = <Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
