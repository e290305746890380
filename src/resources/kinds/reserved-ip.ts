import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import type { ReservedIp } from "#providers/digitalocean/reserved-ips.ts";
import { listedReservedIps } from "#inventory/own-address.ts";
import { type Aspect, newestActed } from "../aspect.ts";
import { z } from "zod";
import { type Reason, removalOf, unlessMissing } from "#providers/digitalocean/errors.ts";
import type { Asking, Kind } from "../kind.ts";
import type { Held } from "../ledger.ts";
import { liveAmong, liveOfKind, newestWithId, type Row } from "../rows.ts";
import { getDroplet } from "./droplet.ts";
import { dropletKind } from "./droplet-handle.ts";
import { reservedIpHandle, type ReservedIpHandle, reservedIpKind } from "./reserved-ip-handle.ts";

interface SeenReservedIp extends ReservedIp {
  /** When it was reserved; null: its history does not tell. */
  readonly reserved_at: Date | null;
}

/** With whose droplet it leads to, by the ledger: a deployment's; null: of none of ours, or to none. */
interface LedReservedIp extends SeenReservedIp {
  readonly leads_to: string | null;
}

type Asked = Pick<Held<ReservedIpHandle>, "handle" | "created_at" | "not_after" | "answered_at" | "deleted_at">;

const held = (row: Row): Asked => ({ ...row, handle: reservedIpHandle.parse(row.handle) });

/** By how much the provider's clock may differ from ours. Milliseconds. */
const skewMs = 60_000;

/** One that something is on its way to refuses for now, and one that is gone cannot be released: looks see to both. */
const passes: ReadonlySet<Reason> = new Set(["pending_event", "retry_later", "conflict"]);

/**
 * An address that outlives its droplet. At DigitalOcean it carries neither a name nor a tag: what an unclear create has
 * made is told by region, by leading nowhere, by being in no row of the ledger, and by when it was reserved. Where that
 * fits more than we have asked for, somebody else has reserved some too: none is taken, and none is released (rule 50).
 */
export const reservedIp: Kind<ReservedIpHandle, undefined, LedReservedIp> = {
  name: reservedIpKind,
  called: "reserved IP",
  handle: reservedIpHandle,

  async create(io, { region }, _spec, call) {
    const known = await listedReservedIps(io.db);
    const { ip, droplet_id: led } = await io.digitalOcean.reservedIps.create(region, call);
    // What leads somewhere was not made just now: the answer is about somebody else's.
    if (led !== null) return undefined;
    // Nor was what a look had shown before it was asked for.
    if (known.includes(ip)) return undefined;
    // The address of one that we have just released: whose it is now is found out by looks.
    return (await liveAmong(io.db, reservedIpKind, [ip])).has(ip) ? undefined : ip;
  },

  async find(io, handle, row) {
    const mayBeIt = (it: ReservedIp): boolean =>
      row.provider_id === null ? it.droplet_id === null : it.ip === row.provider_id;
    const { items, begunAt } = await io.digitalOcean.reservedIps.list(io.call(io.signal), mayBeIt);
    if (row.provider_id !== null) {
      const it = items.find(({ ip }) => ip === row.provider_id);
      const isIt = it !== undefined && isWithin(await history(io, it), { ...row, handle });
      return { ids: isIt ? [it.ip] : [], begunAt };
    }
    const live = await liveOfKind(io.db, reservedIpKind);
    const holders = new Map(live.map((it) => [it.provider_id, it]));
    // What a look had shown before we asked is somebody else's.
    const before = new Set(await listedReservedIps(io.db, row.created_at));
    const free = items.filter(
      (it) =>
        it.droplet_id === null &&
        it.region === handle.region &&
        holders.get(it.ip)?.phase !== "there" &&
        !before.has(it.ip),
    );
    const fitting: SeenReservedIp[] = [];
    for (const it of free) {
      const seen = await history(io, it);
      const holder = holders.get(it.ip);
      if (isWithin(seen, { ...row, handle }) && !(holder && isWithin(seen, held(holder)))) fitting.push(seen);
    }
    const rivals = live.filter((it) => it.phase === "sending" && it.id !== row.id).map(held);
    const asked = 1 + rivals.filter((it) => fitting.some((one) => isWithin(one, it))).length;
    if (fitting.length > asked) throw ambiguous(fitting, handle);
    const [oldest] = fitting.toSorted((one, other) => Number(one.reserved_at) - Number(other.reserved_at));
    if (!oldest) return { ids: [], begunAt };
    // Given back a moment ago, and handed out again: until the row that gave it back has seen that, it is not to be had.
    return holders.has(oldest.ip) ? { ids: [], begunAt, underWayUntil: io.clock.now() } : { ids: [oldest.ip], begunAt };
  },

  async get(io, ip) {
    const it = await getReservedIp(io, ip);
    if (!it) return undefined;
    const led = it.droplet_id === null ? undefined : await newestWithId(io.db, dropletKind, String(it.droplet_id));
    return { ...(await history(io, it)), leads_to: led?.deployment_id ?? null };
  },

  /**
   * Its address may have been given back and be somebody else's: when it was reserved tells, and so does that it leads to
   * a droplet that is none of its deployment's.
   */
  isOurs: (seen, row) =>
    seen.region === row.handle.region &&
    (seen.reserved_at === null || isWithin(seen, row)) &&
    (seen.droplet_id === null || (seen.leads_to !== null && seen.leads_to === row.deployment_id)),

  async look(io, ip) {
    const { items, begunAt } = await io.digitalOcean.reservedIps.list(io.call(io.signal));
    return { shown: items.some((it) => it.ip === ip), begunAt };
  },

  remove: (io, ip, _handle, call) => removalOf(io.digitalOcean.reservedIps.delete(ip, call), passes),

  whenForeign: "leave",
};

/** With when it was reserved, which only its actions tell: an address that is given back keeps none of them. */
async function history(io: Asking, it: ReservedIp): Promise<SeenReservedIp> {
  const { items = [] } = (await unlessMissing(io.digitalOcean.reservedIps.actions(it.ip, io.call(io.signal)))) ?? {};
  const [newest] = items.filter(({ type }) => type === "reserve_ip").toSorted((one, other) => other.id - one.id);
  return { ...it, reserved_at: newest?.started_at ?? null };
}

/** Whether it was reserved while the row's request may have been acted upon, and before the row gave it back. */
function isWithin({ region, reserved_at: at }: SeenReservedIp, row: Asked): boolean {
  if (at === null || region !== row.handle.region) return false;
  if (row.deleted_at && isLater(at, row.deleted_at, row.answered_at ?? row.created_at)) return false;
  // What this row has not sent was asked for at some time since its saga began.
  const from = row.not_after === null ? new Date(row.handle.since) : row.created_at;
  const ends = [row.not_after, row.answered_at, (row.not_after ?? row.answered_at) ? null : row.created_at];
  const until = Math.max(...ends.map((end) => end?.getTime() ?? 0));
  return at >= after(from, -skewMs) && at.getTime() <= until + skewMs;
}

/** Whether it was reserved after one that was asked for before was given back. The provider's times are whole seconds. */
function isLater(at: Date, deletedAt: Date, askedAt: Date): boolean {
  const deleted = secondOf(deletedAt);
  return secondOf(at) > deleted || (secondOf(at) === deleted && secondOf(askedAt) < deleted);
}

const secondOf = (at: Date): number => Math.floor(at.getTime() / 1000);

function ambiguous(fitting: readonly SeenReservedIp[], { region }: ReservedIpHandle): PermanentError {
  const ips = fitting.map(({ ip }) => ip).join(", ");
  return new PermanentError(
    "reserved_ip_ambiguous",
    `Which of the reserved IPs ${ips} in ${region} is ours cannot be told: all were reserved when we asked for one without ` +
      "a clear answer, and none is assigned. None was assigned or released. Assign what is yours, release at DigitalOcean " +
      "what nobody needs, then retry the saga",
  );
}

/** @returns undefined on a 404, which by itself proves nothing (rule 17) */
const getReservedIp = (io: Asking, ip: string): Promise<ReservedIp | undefined> =>
  unlessMissing(io.digitalOcean.reservedIps.get(ip, io.call(io.signal)));

/** The droplet that it leads to. One action brings it from one to the next: nobody has to wait for a TTL. */
export const reservedIpAssignment: Aspect<ReservedIpHandle, number | null> = {
  name: "assignment",
  called: "the assignment of reserved IP",
  value: z.int().nullable(),
  async read(io, ip) {
    return (await getReservedIp(io, ip))?.droplet_id;
  },
  /** With the droplet that it led to, it leads nowhere. */
  isLoose: async (io, to, before) => to === null && before !== null && (await getDroplet(io, before)) === undefined,
  async send(io, ip, _handle, to, call) {
    await io.digitalOcean.reservedIps.act(
      ip,
      to === null ? { type: "unassign" } : { type: "assign", droplet_id: to },
      call,
    );
    return undefined;
  },
  async newestAction(io, ip) {
    const { items } = await io.digitalOcean.reservedIps.actions(ip, io.call(io.signal));
    return newestActed(items, (type) => type === "assign_ip" || type === "unassign_ip");
  },
  isRepeatable: true,
};
