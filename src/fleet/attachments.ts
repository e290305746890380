import { sql } from "kysely";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import {
  type AttachmentKind,
  attachmentKinds,
  type Attaching,
  lastAttachments,
  recordAttachments,
} from "#inventory/attachments.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { type Reason, unless } from "#providers/digitalocean/errors.ts";
import { noteDriftOfReservedIps, reportLateReservedIps, type ReservedIpsOptions } from "./reserved-ips.ts";
import { listingCall } from "./listing-call.ts";

export interface AttachmentsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly digitalOcean: DigitalOcean;
}

const unread: ReadonlySet<Reason> = new Set(["forbidden"]);

/**
 * Reads what of the account lies on droplets from outside, a listing each, unless one that began at `notBefore` or later is
 * there already: one look serves all. What the token may not read stops nobody, and is written down as that.
 */
export async function lookAtAttachments(
  { db, clock, digitalOcean }: AttachmentsOptions,
  call: Call,
  notBefore: Date,
): Promise<void> {
  const last = new Map((await lastAttachments(db)).map((look) => [look.kind, look]));
  for (const kind of attachmentKinds) {
    const known = last.get(kind);
    if (known && known.begunAt >= notBefore) continue;
    const begunAt = clock.now();
    const found = (await unless(unread, listed[kind](digitalOcean, call))) ?? "forbidden";
    await recordAttachments(db, { kind, begunAt, found });
  }
}

/**
 * For whoever asks what a replacement would do: as of this sync. The same look tells where our reserved IPs lead. Nothing is
 * asked where nothing could be replaced, or led elsewhere.
 */
export async function readAttachments(options: ReservedIpsOptions, signal: AbortSignal): Promise<void> {
  // By the index of just these.
  const worthIt = options.db
    .selectFrom("deployments")
    .select("id")
    .where(sql<boolean>`(status = 'active' and release is not null) or reserved_ip`);
  if (!(await worthIt.limit(1).executeTakeFirst())) return;
  const call = listingCall(signal);
  const before = await reservedIpsIn(options.db);
  await lookAtAttachments(options, call, options.clock.now());
  const look = await reservedIpsIn(options.db);
  if (!look) return;
  await noteDriftOfReservedIps(options, look.found, look.begunAt);
  await reportLateReservedIps(options, { before: before?.found ?? [], listed: look.found }, call);
}

/** As they were last seen; undefined where nobody has looked, or may. */
async function reservedIpsIn(db: Db) {
  const look = (await lastAttachments(db)).find(({ kind }) => kind === "reserved_ip");
  return look && look.found !== "forbidden" ? { begunAt: look.begunAt, found: look.found } : undefined;
}

type Listed = (digitalOcean: DigitalOcean, call: Call) => Promise<Attaching[]>;

const listed: Readonly<Record<AttachmentKind, Listed>> = {
  firewall: async ({ firewalls }, call) => (await firewalls.list(call)).items.map(named),
  load_balancer: async ({ loadBalancers }, call) => (await loadBalancers.list(call)).items.map(named),
  reserved_ip: async ({ reservedIps }, call) =>
    (await reservedIps.list(call)).items.map(({ ip, region, droplet_id: id }) => ({
      provider_id: ip,
      name: "",
      region,
      droplet_ids: id === null ? [] : [id],
      tags: [],
    })),
};

const named = ({ id, ...it }: Omit<Attaching, "provider_id" | "region"> & { readonly id: string }): Attaching => ({
  ...it,
  region: null,
  provider_id: id,
});
