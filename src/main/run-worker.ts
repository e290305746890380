import type { Config } from "#config.ts";
import { checkClock } from "#db/clock-check.ts";
import { createBudget, limitsWithin } from "#providers/digitalocean/budget.ts";
import { createDigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { createAnnouncer } from "#engine/announcer.ts";
import { type ChoreQueue, choreQueue } from "#engine/chores.ts";
import { startWorker, type Worker } from "#engine/worker.ts";
import type { Log } from "#log.ts";
import { createAsk } from "#probes/ask.ts";
import { createProber } from "#probes/prober.ts";
import { followHealth } from "#operations/follow-health.ts";
import { type HealthChange, probeRounds } from "#probes/rounds.ts";
import { createLooks, type LookOptions } from "#fleet/look.ts";
import { readProvider } from "#provider/provider.ts";
import { allSagas } from "#sagas/all.ts";
import { buildEngine, type EngineParts } from "./build-engine.ts";
import { type Chore, schedules } from "./chores.ts";
import type { ProviderAccess } from "./open-provider.ts";
import { tracedFetch, tracedSagas } from "./tracing.ts";

export interface WorkerParts extends Omit<EngineParts, "digitalOcean" | "sagas" | "prober" | "announce"> {
  readonly config: Config;
  readonly provider: ProviderAccess;
  /** Whether it is rung at this moment for every notification of the database. */
  readonly hears: () => boolean;
}

export interface RunningWorker {
  readonly id: string;
  readonly worker: Worker;
  stop(graceMs: number): Promise<void>;
}

/** Connects to the provider and works on every saga there is. */
export async function runWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { config, db, provider, clock, ids, log } = parts;
  await checkClock(db, clock);
  const budget = createBudget({ db, clock, ids, limits: limitsWithin(config.requests.minute, config.requests.hour) });
  const digitalOcean = createDigitalOcean({
    baseUrl: provider.url,
    token: provider.token,
    clock,
    ids,
    budget,
    log,
    fetch: tracedFetch(fetch),
  });
  const proxy = provider.probeProxy === undefined ? undefined : new URL(provider.probeProxy);
  const prober = createProber({ clock, ask: createAsk({ clock, proxy }) });
  const announce = createAnnouncer({ db, clock, log });
  const queue = choreQueue(db, clock);
  const running = await startEngine({ ...parts, queue, digitalOcean, prober, sagas: tracedSagas(allSagas), announce });
  const ending = new AbortController();
  const onChange = async (changes: readonly HealthChange[]): Promise<void> => {
    for (const change of changes) tellHealth(log, change);
    await followHealth(db, ids, clock.now());
  };
  const rounds = probeRounds({ db, clock, log, prober, onChange }, ending.signal);
  return {
    ...running,
    async stop(graceMs) {
      ending.abort();
      await Promise.all([rounds, running.stop(graceMs)]);
    },
  };
}

/** What an operator has to know of a deployment's health, where it turns. */
function tellHealth(log: Log, { to, reason, ...change }: HealthChange): void {
  const about = { ...change, reason };
  if (to === "unhealthy") log.warn(about, "A deployment is not healthy");
  else if (to === "healthy") log.info(about, "A deployment is healthy");
  else log.warn(about, "Nothing is known of a deployment's health");
}

/** Sets an engine to work: sagas, the fleet look, chores. */
export async function startEngine(
  parts: EngineParts & { readonly queue: ChoreQueue; readonly hears: () => boolean },
): Promise<RunningWorker> {
  const { config, queue, hears } = parts;
  const { engine, look, chore } = await buildEngine(parts);
  await queue.schedule(schedules(config.syncCron));
  const worker = startWorker(engine, {
    slots: config.workerSlots,
    hears,
    mayTake: () => look.contact.mayTake(),
    isAble: () => look.contact.objection() === undefined,
    chores: { queue, perform: chore },
  });
  const ending = new AbortController();
  const beating = beatOn(look, { chore, worker, signal: ending.signal });
  return {
    id: engine.workerId,
    worker,
    async stop(graceMs) {
      ending.abort();
      await Promise.all([beating, worker.stop(graceMs)]);
      await look.contact.close();
    },
  };
}

/** The longest between two thoughts about the provider, however rarely the fleet is looked at; and at rest. Milliseconds. */
const contactMs = 5000;
const contactRestMs = 15_000;
/** Workers at rest that share what the provider answered one of them do not all ask again at once. Milliseconds. */
const contactSpreadMs = 2000;

/**
 * Meets the provider, reads its catalogue once, and then looks at the fleet every poll. The contact has a loop of its
 * own: a look that takes long must not make this worker look absent. While there are no sagas, nobody waits for a look.
 */
async function beatOn(
  look: LookOptions,
  { chore, worker, signal }: { readonly chore: Chore; readonly worker: Worker; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log, db, pollMs } = look;
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      const level = error instanceof DigitalOceanError && error.reason === "rate_limited" ? "debug" : "warn";
      log[level]({ err: error }, "A look at the provider failed; the next one follows in a poll");
    }
  };
  const every = (ms: number, work: () => Promise<unknown>): Promise<void> =>
    attempt(async () => {
      await clock.sleep(ms, signal);
      await work();
    });
  const stayInContact = async (): Promise<void> => {
    const tickMs = Math.min(pollMs, contactMs);
    const untilNext = () => {
      if (!worker.rests) return tickMs;
      // A question that is due sooner is not kept waiting for the long tick.
      const untilDueMs = look.contact.untilDue() + contactSpreadMs * look.ids.random();
      return Math.max(tickMs, Math.min(contactRestMs, untilDueMs));
    };
    // Workers that began together do not all ask at once.
    await attempt(() => clock.sleep(untilNext() * look.ids.random(), signal));
    while (!signal.aborted) await every(untilNext(), () => look.contact.beat(signal));
  };
  const looks = createLooks(look);
  const lookOn = async (): Promise<void> => {
    let isRead = false;
    while (!signal.aborted) {
      await attempt(async () => {
        if (isRead) return;
        const provider = await readProvider(db);
        if (provider.status !== "up") return;
        isRead = provider.catalogue_read_at !== null || (await chore("catalogue", signal)) === undefined;
      });
      await every(pollMs, async () => (worker.rests ? undefined : looks.beat(signal)));
    }
  };
  await attempt(() => look.contact.beat(signal));
  await Promise.all([stayInContact(), lookOn()]);
}
