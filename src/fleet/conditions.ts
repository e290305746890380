import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { clearCondition, type Finding, noteFindings } from "#deployments/conditions.ts";
import { noteFoundParked, noteReturned } from "#deployments/absences.ts";
import type { Ids } from "#ids.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { leadsAway, type LeadingRecord } from "#resources/kinds/record-handle.ts";
import { type Late, type Observed, observe, ownTags, type Pointed, pointedIn } from "./observed.ts";

/** What looks that are made anyway say of active deployments. */
export interface Conditions {
  /**
   * Compares what a complete listing of droplets showed with what was provisioned.
   * @returns those whose droplet it did not show
   */
  droplets(listing: { readonly items: readonly SeenDroplet[]; readonly begunAt: Date }): Promise<readonly Observed[]>;
  /** Compares a zone's records with ours. `gone`: the account, which is ours, does not have the zone. */
  zone(zone: string, records: readonly LeadingRecord[] | "gone", begunAt: Date): Promise<void>;
}

export interface ConditionsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly installId: string;
  readonly settleMs: number;
  /** Where a parked record leads. */
  readonly parking: string;
}

/** One look may be older than what is true, or wrong (rule 17). */
const enough = 2;

export function createConditions(options: ConditionsOptions): Conditions {
  const { db, ids, installId } = options;
  return {
    async droplets(listing) {
      const { begunAt } = listing;
      const observed = await observe(db, listing, options);
      const seen = observed.filter((it) => it.seen !== null);
      if (seen.length > 0)
        await transact(db, async (tx) => {
          const of = seen.map((it) => it.deployment_id);
          const found = seen.flatMap((it) =>
            [off(it), drift(it, installId)].filter((finding) => finding !== undefined),
          );
          const codes = ["droplet_off", "drift"] as const;
          await noteFindings(tx, ids, { source: "droplet", codes, of, found, at: begunAt, enough });
          const absent = seen.filter((it) => it.is_absent);
          const returned = absent.map((it) => ({
            deployment_id: it.deployment_id,
            isActive: it.seen?.status === "active",
          }));
          for (const deployment_id of await noteReturned(tx, returned, begunAt))
            await clearCondition(tx, "droplet", { deployment_id, code: "droplet_gone" }, begunAt);
        });
      return observed.filter((it) => it.seen === null);
    },

    async zone(zone, records, at) {
      const pointed = await pointedIn(db, zone, at, options.settleMs);
      if (pointed.length === 0) return;
      const found = pointed.flatMap((it) =>
        records === "gone" ? zoneGone(it, zone) : (recordFault(it, records, options.parking) ?? []),
      );
      const of = pointed.map((it) => it.deployment_id);
      const codes = ["dns_delegated", "drift", "zone_gone"] as const;
      const astray = pointed.filter((it) => isFoundParked(it, records, options.parking));
      await transact(db, async (tx) => {
        await noteFindings(tx, ids, { source: "dns", codes, of, found, at, enough });
        for (const { deployment_id, droplet_id: provider_id } of astray)
          if (provider_id !== null) await noteFoundParked(tx, { deployment_id, provider_id }, at);
      });
    },
  };
}

/** Ours is parked, and we do not know it: whoever parked it was restored to a time before. */
const isFoundParked = (it: Pointed, records: readonly LeadingRecord[] | "gone", parking: string): boolean =>
  records !== "gone" &&
  it.dns === null &&
  it.handle.data !== parking &&
  records.some((record) => String(record.id) === it.record_id && record.data === parking);

function off({ deployment_id, provider_id, power, seen }: Observed): Finding | undefined {
  if (power === "off" || seen?.status !== "off") return undefined;
  return {
    deployment_id,
    code: "droplet_off",
    message: `Droplet ${provider_id} is off and should be on`,
    remedy: "Turn it on at DigitalOcean, unless somebody has turned it off on purpose; it is billed all the same",
  };
}

function drift(it: Observed, installId: string): Finding | undefined {
  const { deployment_id, provider_id, seen, spec, handle, late } = it;
  if (!seen) return undefined;
  if (late) return lateFinding(it, late);
  const missing = ownTags(it, installId).filter((tag) => !seen.tags.includes(tag));
  const differences = [
    differs("size", spec.size_slug, seen.size_slug),
    differs("region", spec.region, seen.region),
    isSlug(spec.image) === isSlug(seen.image ?? "") && differs("image", spec.image, seen.image),
    differs("name", handle.name, seen.name),
    missing.length > 0 && `the tags ${missing.join(", ")} are missing`,
  ].filter((text) => typeof text === "string");
  if (differences.length === 0) return undefined;
  return {
    deployment_id,
    code: "drift",
    message: `Droplet ${provider_id} is not as it was provisioned: ${differences.join("; ")}`,
    remedy: "Somebody has changed it at DigitalOcean: change it back there, or deploy it again as it shall be",
  };
}

/** It differs by what we have asked for ourselves. */
export function lateFinding(
  { deployment_id, provider_id }: { readonly deployment_id: string; readonly provider_id: number },
  { aspect, goal, saga_id, asked_at: at }: Late,
): Finding {
  const asked = `A ${aspect === "size" ? "resize" : "rebuild"} of droplet ${provider_id} to ${goal}`;
  const done = aspect === "size" ? "It has that size by now" : "What was on its disk is gone, and that image is on it";
  return {
    deployment_id,
    code: "drift",
    message:
      `${asked}, for which saga ${saga_id} asked at ${at.toISOString()}, had been given up on and has taken hold late, unless ` +
      `somebody has done the same at DigitalOcean since. ${done}; nothing else was changed for it`,
    remedy:
      aspect === "size"
        ? `Resize the deployment: to ${goal}, to keep it and have it recorded, or to the size that it is to have`
        : "Restore the deployment from the snapshot that was taken before the rebuild, or rebuild it from the image that it is to have",
  };
}

/** What is not told is as it should be. */
const differs = (what: string, wanted: string, found: string | null): string | false =>
  found !== null && found !== wanted && `its ${what} is ${found}, wanted is ${wanted}`;

/** An image is shown by its id once a newer one has taken its slug: that is not to be told apart from another image. */
const isSlug = (image: string): boolean => !/^\d+$/.test(image);

const zoneGone = ({ deployment_id, hostname }: Pointed, zone: string): Finding => ({
  deployment_id,
  code: "zone_gone",
  message: `The account does not have the zone ${zone} any more: ${hostname} leads nowhere by it`,
  remedy: `Add ${zone} to the account at DigitalOcean again, and deploy again what shall be reached by it`,
});

function recordFault(it: Pointed, records: readonly LeadingRecord[], parking: string): Finding | undefined {
  const { deployment_id, hostname, handle, record_id, dns } = it;
  const delegation = records.find((record) => leadsAway(record, handle.name));
  if (delegation)
    return {
      deployment_id,
      code: "dns_delegated",
      message: `${hostname} is led elsewhere by the ${delegation.type} record of ${delegation.name} (${delegation.data})`,
      remedy: "Remove that record: as long as it is there, nobody asks for ours",
    };
  // What became of it was seen to, and told, when its droplet was gone.
  if (dns === "left") return undefined;
  const wanted = dns === "parked" ? parking : handle.data;
  const here = records.filter((record) => record.name.toLowerCase() === handle.name && answers.has(record.type));
  const own = here.find((record) => String(record.id) === record_id);
  const other = here.find((record) => record !== own);
  const fault = !own
    ? `our record ${record_id} (A ${wanted}) is not there${other ? `, but a record ${other.type} ${other.data} is` : ""}`
    : own.data !== wanted
      ? `our record ${record_id} leads to ${own.data}, wanted is ${wanted}`
      : other && `a record ${other.type} ${other.data} stands beside ours (A ${wanted})`;
  if (!fault) return undefined;
  return {
    deployment_id,
    code: "drift",
    message: `At ${hostname} ${fault}`,
    remedy: `Somebody has changed the zone: set the A record of ${hostname} to ${wanted} there, and remove others of it`,
  };
}

/** Of these, one at the hostname itself answers for it. */
const answers: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);
