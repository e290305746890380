import { sql } from "kysely";
import { z } from "zod";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { type Finding, noteFindings } from "#deployments/conditions.ts";
import type { Ids } from "#ids.ts";
import type { Attaching } from "#inventory/attachments.ts";
import type { Log } from "#log.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { reservedIpHandle, reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { liveAmong, unansweredSince } from "#resources/rows.ts";
import { ownDroplet, undisturbed } from "./observed.ts";

export interface ReservedIpsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  readonly settleMs: number;
}

/** One look may be older than what is true, or wrong (rule 17). */
const enough = 2;

/** Compares where a complete listing shows our reserved IPs to lead with where they should. */
export async function noteDriftOfReservedIps(
  { db, ids, settleMs }: ReservedIpsOptions,
  listed: readonly Attaching[],
  at: Date,
): Promise<void> {
  const led = await ledIn(db, at, settleMs);
  if (led.length === 0) return;
  const shown = new Map(listed.map((it) => [it.provider_id, it]));
  const found = led.flatMap((it) => drift(it, shown.get(it.ip)) ?? []);
  const of = led.map((it) => it.deployment_id);
  await transact(db, (tx) => noteFindings(tx, ids, { source: "reserved_ip", codes: ["drift"], of, found, at, enough }));
}

const led = z.object({ deployment_id: z.string(), hostname: z.string(), ip: z.string(), droplet_id: z.int() });
type Led = Readonly<z.output<typeof led>>;

/** Those of active deployments that nothing has changed lately, with the droplet to which each should lead. */
async function ledIn(db: Db, at: Date, settleMs: number): Promise<Led[]> {
  const { rows } = await sql`
    select deployments.id as deployment_id, deployments.hostname, held.provider_id as ip, resource.provider_id as droplet_id
    from deployments
    join provider_resources held on held.deployment_id = deployments.id and held.kind = ${reservedIpKind}
      and held.phase = 'there' and not held.surplus
    join lateral (${ownDroplet}) resource on resource.deleted_at is null
    where deployments.status = 'active' and ${undisturbed(at, settleMs)}
      and not exists (select from droplet_absences where deployment_id = deployments.id)
    order by deployments.id`.execute(db);
  return z.array(led).parse(rows);
}

function drift({ deployment_id, hostname, ip, droplet_id: wanted }: Led, shown: Attaching | undefined) {
  const [to] = shown?.droplet_ids ?? [];
  if (to === wanted) return undefined;
  const finding: Finding = {
    deployment_id,
    code: "drift",
    message: shown
      ? `Reserved IP ${ip} of ${hostname} leads to ${to ? `droplet ${to}` : "nothing"}, wanted is droplet ${wanted}`
      : `The account does not have reserved IP ${ip} of ${hostname} any more: its address may be somebody else's by now`,
    remedy: shown
      ? `Somebody has assigned it elsewhere at DigitalOcean: assign it to droplet ${wanted} there`
      : "It does not come back, unless DigitalOcean's support gives it back: deploy anew what shall be reached",
  };
  return finding;
}

/** For so long a create that was given up may still act, as far as anybody watches for it. Milliseconds. */
const lateMs = 2 * 24 * 3_600_000;
/** By how much the provider's clock may differ from ours. Milliseconds. */
const skewMs = 60_000;

/**
 * One that leads nowhere, is in no row of the ledger, and was reserved after we had asked for one in vain, in its region: it may
 * be ours, and nothing tells. It is reported for a person, once, and never released by us (rule 50).
 */
export async function reportLateReservedIps(
  { db, clock, log, digitalOcean }: ReservedIpsOptions,
  { before, listed }: { readonly before: readonly Attaching[]; readonly listed: readonly Attaching[] },
  call: Call,
): Promise<void> {
  const asked = await unansweredSince(db, reservedIpKind, after(clock.now(), -lateMs));
  if (asked.length === 0) return;
  const known = new Set(before.map((it) => it.provider_id));
  const fresh = listed.filter((it) => it.droplet_ids.length === 0 && !known.has(it.provider_id));
  const live = await liveAmong(
    db,
    reservedIpKind,
    fresh.map((it) => it.provider_id),
  );
  for (const { provider_id: ip, region } of fresh.filter((it) => !live.has(it.provider_id))) {
    const { items = [] } = (await unlessMissing(digitalOcean.reservedIps.actions(ip, call))) ?? {};
    const times = items.flatMap(({ type, started_at: at }) => (type === "reserve_ip" && at ? at.getTime() : []));
    const at = new Date(Math.max(...times));
    const row = asked.find(
      (it) => reservedIpHandle.parse(it.handle).region === region && at >= after(it.created_at, -skewMs),
    );
    if (times.length === 0 || !row) continue;
    log.error(
      { ip, region, reserved_at: at.toISOString(), saga_id: row.saga_id },
      "A reserved IP that leads nowhere was reserved after we had asked for one in vain: it may be ours, and is billed. It is left " +
        "alone: release it at DigitalOcean if nobody needs it",
    );
  }
}
