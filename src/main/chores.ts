import { longestStatsDays } from "#api/stats.ts";
import { after } from "#clock.ts";
import type { Keep } from "#config.ts";
import { expireClaims } from "#operations/expire-claims.ts";
import { expireSnapshots } from "#operations/expire-snapshots.ts";
import { purgeRequests } from "#providers/digitalocean/store.ts";
import { type Engine, Hold } from "#engine/engine.ts";
import { readCatalogue } from "#fleet/catalogue.ts";
import { recheckChanges } from "#fleet/late-changes.ts";
import { type RecheckOptions, recheckEnded } from "#fleet/rechecks.ts";
import type { Contact } from "#fleet/contact.ts";
import { followAbsences, type ParkingOptions } from "#fleet/parking.ts";
import { readAttachments } from "#fleet/attachments.ts";
import { readSnapshotSizes } from "#fleet/snapshot-sizes.ts";
import { readZoneOfAdopted, type ZoneOfAdopted } from "#fleet/zone-of-adopted.ts";
import { syncInventory } from "#fleet/sync.ts";
import { purgeLooks } from "#inventory/looks.ts";
import { purgeSightings } from "#inventory/sightings.ts";
import { purgeConditions } from "#deployments/conditions.ts";
import { followHealth } from "#operations/follow-health.ts";
import { beginProbes } from "#probes/queries.ts";
import { purgeContacts } from "#provider/contacts.ts";
import { readProvider } from "#provider/provider.ts";
import { purge } from "#retention/purge.ts";
import { kinds } from "#retention/what-goes.ts";
import { foldCounts } from "#saga-queries/counts.ts";
import { rollUpDays } from "#saga-queries/stats.ts";
import { followSpans } from "#costs/spans.ts";
import type { Sagas } from "#sagas/start.ts";

const day = 24 * 3_600_000;
/** Of one chore, in milliseconds. */
const longestPurgeMs = 5 * 60_000;

/** What one worker does for all, and when (cron, UTC). */
export const schedules = (syncCron: string): ReadonlyMap<string, string> =>
  new Map([
    ["sync", syncCron],
    ["recheck", "* * * * *"],
    ["absences", "* * * * *"],
    ["expire", "* * * * *"],
    ["count", "*/5 * * * *"],
    ["probes", "* * * * *"],
    ["costs", "* * * * *"],
    ["catalogue", "11 * * * *"],
    ["purge", "37 * * * *"],
  ]);

export interface ChoresOptions<Io> extends ParkingOptions, RecheckOptions, ZoneOfAdopted {
  readonly contact: Contact;
  readonly sagas: Pick<Sagas, "expireSnapshots" | "setPowerRight" | "setVolumeRight" | "leadRecordBack">;
  readonly engine: Engine<Io>;
  readonly pollMs: number;
  readonly keep: Pick<Keep, "sagas" | "deliveries">;
}

/** Does the chore of that name once, or says why not now. @throws on a name that this release does not know */
export type Chore = (name: string, signal: AbortSignal) => Promise<Hold | undefined>;

export function createChores<Io>(options: ChoresOptions<Io>): Chore {
  const { db, clock, log, contact } = options;
  /** What this worker sees of another account, or of none, is no news of ours; what it is kept from is done later. */
  const atProvider =
    (work: (signal: AbortSignal) => Promise<void>) =>
    async (signal: AbortSignal): Promise<Hold | undefined> => {
      const objection = contact.objection(await readProvider(db));
      if (objection !== undefined) return new Hold(after(clock.now(), options.pollMs * 3), objection);
      try {
        await work(signal);
        return undefined;
      } catch (error) {
        const diagnosis = await options.engine.diagnose(error, signal);
        if (diagnosis.kind !== "wait") throw error;
        return new Hold(diagnosis.until, diagnosis.waitingFor);
      }
    };
  const chores: Record<string, (signal: AbortSignal) => Promise<Hold | undefined>> = {
    sync: atProvider(async (signal) => {
      await syncInventory(options, signal);
      await readZoneOfAdopted(options, signal);
      await readAttachments(options, signal);
      await readSnapshotSizes(options, signal);
    }),
    absences: atProvider((signal) => followAbsences(options, signal)),
    recheck: atProvider(async (signal) => {
      await recheckEnded(options, signal);
      const { setPowerRight, setVolumeRight, leadRecordBack } = options.sagas;
      await recheckChanges({ ...options, setPowerRight, setVolumeRight, leadRecordBack }, signal);
    }),
    expire: async () => {
      await expireClaims(db, options);
      await expireSnapshots(db, options.sagas);
      return undefined;
    },
    probes: async () => {
      await beginProbes(db, clock.now());
      await followHealth(db, options.ids, clock.now());
      return undefined;
    },
    costs: async () => {
      await followSpans(db, clock.now());
      return undefined;
    },
    catalogue: atProvider((signal) => readCatalogue(options, signal)),
    count: async () => {
      await foldCounts(db);
      const kept = Math.min(options.keep.sagas, longestStatsDays * day);
      await rollUpDays(db, clock.now(), after(clock.now(), day - kept));
      return undefined;
    },
    purge: async (signal) => {
      const before = after(clock.now(), -day);
      await purgeRequests(db, before);
      await purgeLooks(db, before);
      await purgeSightings(db, after(before, -day));
      await purgeContacts(db, before);
      // What is left by then, the next time takes: it lasts long once, when a short age is set where there was none.
      const end = after(clock.now(), longestPurgeMs);
      const mayGoOn = () => !signal.aborted && clock.now() < end;
      const { keep } = options;
      await purge(db, kinds.sagas, { before: after(clock.now(), -keep.sagas), mayGoOn });
      await purge(db, kinds.deliveries, { before: after(clock.now(), -keep.deliveries), mayGoOn });
      await purgeConditions(db, after(before, -29 * day));
      return undefined;
    },
  };
  return async (name, signal) => {
    const chore = chores[name];
    if (!chore) throw new Error(`There is no chore ${name}; it was scheduled by another release`);
    const hold = await chore(signal);
    if (hold) log.debug({ chore: name, reason: hold.reason, until: hold.until }, "A chore is put off");
    return hold;
  };
}
