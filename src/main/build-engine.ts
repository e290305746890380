import type { Config } from "#config.ts";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import type { Engine } from "#engine/engine.ts";
import { isPastPivot } from "#engine/plan.ts";
import { createLane } from "#engine/lane.ts";
import type { AnySaga } from "#engine/saga.ts";
import { createConditions } from "#fleet/conditions.ts";
import { createContact } from "#fleet/contact.ts";
import type { LookOptions } from "#fleet/look.ts";
import { createStrays } from "#fleet/strays.ts";
import { createZones } from "#fleet/zones.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { idsOf, leavesOf } from "#saga-queries/leaves.ts";
import { installTag, sagaOf, sagaTag } from "#resources/kinds/droplet-handle.ts";
import { installationId } from "#provider/provider.ts";
import { createAdmit } from "#sagas/may-run.ts";
import { createDiagnose } from "#sagas/diagnose.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import type { StepContext } from "#sagas/step-context.ts";
import type { Prober } from "#probes/prober.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { type Chore, createChores } from "./chores.ts";

const leaseMs = 10_000;

export interface EngineParts {
  readonly config: Pick<Config, "timing" | "parking" | "workerSlots" | "syncCron" | "requests" | "keep">;
  readonly db: Db;
  readonly digitalOcean: DigitalOcean;
  readonly sagas: ReadonlyMap<string, AnySaga<StepContext>>;
  /** The zone in which hostnames are pointed to droplets, and whether the provider is only our simulator. */
  readonly provider: { readonly zone: string | undefined; readonly simulated: boolean };
  readonly secrets: SecretBox;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Hears which sagas have changed. Default: nobody. */
  readonly announce?: Engine<StepContext>["announce"];
}

export interface BuiltEngine {
  readonly engine: Engine<StepContext>;
  /** What the fleet look needs. */
  readonly look: LookOptions;
  readonly chore: Chore;
}

/** Wires one worker's engine to its collaborators, each of which is handed in. */
export async function buildEngine(parts: EngineParts): Promise<BuiltEngine> {
  const { db, digitalOcean, provider, secrets, prober, clock, ids } = parts;
  const { timing } = parts.config;
  const workerId = ids.uuid();
  const log = parts.log.child({ worker: workerId.slice(-12) });
  const installId = await installationId(db, ids, clock);
  const watchers = { clock };
  const contact = createContact({
    ...watchers,
    db,
    ids,
    log,
    digitalOcean,
    simulated: provider.simulated,
    workerId,
    pollMs: timing.poll,
  });
  const sagas = createSagas({ clock, ids, zone: provider.zone, secrets });
  const strays = createStrays({
    db,
    clock,
    log,
    installId,
    settleMs: timing.settle,
    destroy: (tx, { id, name, tags }) => {
      const maker = sagaOf({ name, tags });
      const tag = maker === undefined ? undefined : sagaTag(maker);
      return sagas.destroyDroplet(tx, { providerId: id, unmanaged: false, name, tag });
    },
  });
  const { parking } = parts.config;
  const conditions = createConditions({ db, clock, ids, installId, settleMs: timing.settle, parking });
  const zones = createZones({ ...watchers, db, ids, digitalOcean, pollMs: timing.poll, conditions });
  const outside = { db, clock, ids, timing, digitalOcean, zones, prober, installId };
  const engine: Engine<StepContext> = {
    db,
    clock,
    ids,
    log,
    lane: createLane({ db, log }),
    workerId,
    leaseMs,
    patienceMs: timing.compensate,
    sagas: parts.sagas,
    context: (saga) => {
      const undoes = saga.direction === "back" || isPastPivot(saga);
      const priority = undoes ? "undo" : "create";
      return {
        ...outside,
        call: (signal, options = {}) => ({ priority, sagaId: saga.id, signal, ...options }),
        openUserData: (sealed, context) => secrets.open(sealed, context),
      };
    },
    diagnose: createDiagnose({ clock, contact, pollMs: timing.poll }),
    leaves: async (reading, sagaId) => {
      const leaves = (await leavesOf(reading, [{ id: sagaId, status: "stuck" }])).get(sagaId);
      return leaves ? idsOf(leaves) : {};
    },
    admit: createAdmit({ clock, contact, pollMs: timing.poll }),
    announce: parts.announce ?? (() => undefined),
  };
  const { removeLeftover } = sagas;
  const fleet = { db, clock, ids, log, digitalOcean, strays, conditions, installId, removeLeftover };
  return {
    engine,
    look: {
      ...fleet,
      ...watchers,
      contact,
      zones,
      workerId,
      installTag: installTag(installId),
      pollMs: timing.poll,
      requestsPerMinute: parts.config.requests.minute,
      requestsPerHour: parts.config.requests.hour,
    },
    chore: createChores({
      ...fleet,
      zones,
      zone: provider.zone,
      sagas,
      contact,
      engine,
      settleMs: timing.settle,
      pollMs: timing.poll,
      keep: parts.config.keep,
      goneMs: timing.gone,
      park: (tx, deploymentId) => sagas.park(tx, deploymentId, parking),
      unpark: (tx, deploymentId) => sagas.unpark(tx, deploymentId, parking),
    }),
  };
}
