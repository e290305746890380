import type { Clock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Db } from "#db/connection.ts";
import { createBudget, limitsWithin } from "#digitalocean/budget.ts";
import { createDigitalOcean } from "#digitalocean/client.ts";
import { createDoorbell } from "#engine/doorbell.ts";
import type { Engine } from "#engine/engine.ts";
import type { SagaQueue } from "#engine/queue.ts";
import { type Doorbell, startWorker, type Worker } from "#engine/worker.ts";
import { createContact } from "#fleet/contact.ts";
import { beat, type LookOptions } from "#fleet/look.ts";
import { createStrays } from "#fleet/strays.ts";
import { createZones } from "#fleet/zones.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { installTag } from "#provider/handle.ts";
import { installationId } from "#provider/provider.ts";
import { createAdmit } from "#sagas/admit.ts";
import { allSagas } from "#sagas/all.ts";
import { createDiagnose } from "#sagas/diagnose.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import type { World } from "#sagas/world.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { createChores, schedules } from "./chores.ts";
import type { ProviderAccess } from "./open-provider.ts";

const leaseMs = 10_000;

export interface WorkerParts {
  readonly config: Config;
  readonly db: Db;
  readonly queue: SagaQueue;
  readonly provider: ProviderAccess;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface RunningWorker {
  readonly doorbell: Doorbell;
  readonly worker: Worker;
  stop(graceMs: number): Promise<void>;
}

/** Wires an engine to the provider and sets it to work: sagas, the fleet look, chores. */
export async function runWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { config, db, queue, provider, secrets, clock, ids } = parts;
  const { timing } = config;
  const workerId = ids.uuid();
  const log = parts.log.child({ worker: workerId.slice(-12) });
  const installId = await installationId(db, ids, clock);
  const budget = createBudget({ db, clock, ids, limits: limitsWithin(config.requests.minute, config.requests.hour) });
  const digitalOcean = createDigitalOcean({ baseUrl: provider.url, token: provider.token, clock, ids, budget, log });
  const watchers = { clock, wakeUps: queue };
  const contact = createContact({ ...watchers, db, log, digitalOcean, simulated: provider.simulated });
  const sagas = createSagas({ clock, ids, wakeUps: queue, zone: provider.zone });
  const strays = createStrays({
    db,
    clock,
    log,
    installId,
    destroy: (tx, providerId) => sagas.destroyDroplet(tx, { providerId, unmanaged: false }),
  });
  const zones = createZones({ db, clock, digitalOcean, maxAgeMs: timing.poll });
  const outside = { db, clock, ids, timing, digitalOcean, zones, installId };
  const engine: Engine<World> = {
    db,
    clock,
    ids,
    log,
    wakeUps: queue,
    workerId,
    leaseMs,
    patienceMs: timing.compensate,
    sagas: allSagas,
    world: (saga) => {
      const undoes = saga.direction === "back" || allSagas.get(saga.name)?.forwardOnly;
      const priority = undoes ? "undo" : "create";
      return {
        ...outside,
        call: (signal, options = {}) => ({ priority, sagaId: saga.id, signal, ...options }),
        openUserData: (sealed, context) => secrets.open(sealed, context),
      };
    },
    diagnose: createDiagnose({ clock, ids, contact, pollMs: timing.poll }),
    admit: createAdmit({ clock, pollMs: timing.poll }),
  };
  const doorbell = createDoorbell(clock);
  const fleet = { db, clock, ids, log, digitalOcean, strays, installId };
  const chore = createChores({ ...fleet, engine, queue, settleMs: timing.settle });
  await queue.schedule(schedules(config.syncCron));
  const worker = startWorker(engine, queue, { slots: config.workerSlots, doorbell, chore });

  const ending = new AbortController();
  const look = { ...fleet, ...watchers, contact, workerId, installTag: installTag(installId), pollMs: timing.poll };
  const beating = beatOn(look, (signal) => chore("catalogue", signal), ending.signal);
  return {
    doorbell,
    worker,
    async stop(graceMs) {
      ending.abort();
      await Promise.all([beating, worker.stop(graceMs)]);
    },
  };
}

/** Meets the provider, reads its catalogue once, and then looks at the fleet every poll. */
async function beatOn(
  look: LookOptions,
  readCatalogue: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, db, pollMs } = look;
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "A look at the provider failed; the next one follows in a poll");
    }
  };
  await attempt(() => look.contact.check());
  while (!signal.aborted) {
    await attempt(async () => {
      const provider = await db.selectFrom("provider").select(["status", "catalogue_read_at"]).executeTakeFirst();
      if (provider?.status === "up" && provider.catalogue_read_at === null) await readCatalogue(signal);
    });
    await clock.sleep(pollMs, signal).catch(() => undefined);
    if (!signal.aborted) await attempt(() => beat(look, signal));
  }
}
