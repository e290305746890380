import { dropletKind } from "#resources/kinds/droplet-handle.ts";

/**
 * What DigitalOcean charges for a droplet since January 2026: by the second, at least 60 seconds or one cent, and in a
 * calendar month (UTC) no more than 672 hours. https://docs.digitalocean.com/platform/billing/
 */
const mostHoursAMonth = 672;
const leastSeconds = 60;
const leastUsd = 0.01;
const hourMs = 3_600_000;

/** A droplet, a volume or a snapshot while it had one price. */
export interface Span {
  readonly resource_id: string;
  /** As the ledger calls it. */
  readonly kind: string;
  readonly tenant_id: string | null;
  readonly deployment_id: string | null;
  readonly region: string | null;
  /** Null while it is not known: it counts its hours, and costs nothing yet. */
  readonly usd_hourly: number | null;
  readonly begun_at: Date;
  /** Null: it goes on. */
  readonly ended_at: Date | null;
  readonly estimated: boolean;
}

export const costKeys = ["tenant", "deployment", "region"] as const;
export type CostKey = (typeof costKeys)[number];

const keyOf: Readonly<Record<CostKey, (span: Span) => string | null>> = {
  tenant: (span) => span.tenant_id,
  deployment: (span) => span.deployment_id,
  region: (span) => span.region,
};

export interface Cost {
  /** A tenant's or deployment's id, or a region's slug; null for what belongs to none. */
  readonly key: string | null;
  /** For which there was a droplet. */
  readonly hours: number;
  readonly usd: number;
  /** Whether an end or a price in it is only as we saw it, or is not known yet. */
  readonly estimated: boolean;
}

/**
 * What the spans come to between two moments, by whom or where they are for, the dearest first.
 * @param spans by resource and beginning, from the start of `from`'s month on: a month's 672 hours count from its start
 */
export function bill(spans: readonly Span[], by: CostKey, { from, to }: { readonly from: Date; readonly to: Date }) {
  const costs = new Map<string | null, { hours: number; usd: number; estimated: boolean }>();
  for (const ofOne of Map.groupBy(spans, ({ resource_id }) => resource_id).values()) {
    for (const piece of charge(ofOne, from, to)) {
      const key = keyOf[by](piece.span);
      const sum = costs.get(key) ?? { hours: 0, usd: 0, estimated: false };
      if (piece.span.kind === dropletKind) sum.hours += piece.hours;
      sum.usd += piece.usd;
      sum.estimated ||= piece.span.estimated || piece.span.usd_hourly === null;
      costs.set(key, sum);
    }
  }
  const items: Cost[] = Array.from(costs, ([key, { hours, usd, estimated }]) => ({
    key,
    hours: round(hours),
    usd: round(usd),
    estimated,
  })).toSorted((a, b) => b.usd - a.usd || (a.key ?? "").localeCompare(b.key ?? ""));
  return { items, total_usd: round(items.reduce((sum, { usd }) => sum + usd, 0)) };
}

interface Piece {
  readonly span: Span;
  readonly hours: number;
  readonly usd: number;
}

/** One droplet's spans, cut at the months' ends and to the time asked about. */
function charge(spans: readonly Span[], from: Date, to: Date): Piece[] {
  const pieces: Piece[] = [];
  const born = spans[0]?.begun_at;
  let month = -1;
  let used = 0;
  for (const span of spans) {
    const end = Math.min(span.ended_at?.getTime() ?? to.getTime(), to.getTime());
    for (let at = span.begun_at.getTime(); at < end;) {
      const until = Math.min(end, monthAfter(at));
      if (monthOf(at) !== month) [month, used] = [monthOf(at), 0];
      const before = Math.min(until, Math.max(at, from.getTime()));
      used += (before - at) / hourMs;
      const hours = (until - before) / hourMs;
      const charged = Math.min(used + hours, mostHoursAMonth) - Math.min(used, mostHoursAMonth);
      used += hours;
      if (hours > 0) pieces.push({ span, hours, usd: charged * (span.usd_hourly ?? 0) });
      at = until;
    }
  }
  return withLeast(pieces, spans, born !== undefined && born >= from && born < to);
}

/** What lives for less than a minute costs a minute, and never less than a cent; it is charged where it was born. */
function withLeast(pieces: readonly Piece[], spans: readonly Span[], bornHere: boolean): Piece[] {
  const [first] = spans;
  if (!bornHere || !first || first.usd_hourly === null) return [...pieces];
  const least = Math.max(leastUsd, (leastSeconds / 3600) * first.usd_hourly);
  const usd = pieces.reduce((sum, piece) => sum + piece.usd, 0);
  return usd >= least ? [...pieces] : [...pieces, { span: first, hours: 0, usd: least - usd }];
}

const monthOf = (at: number): number => new Date(at).getUTCFullYear() * 12 + new Date(at).getUTCMonth();
const monthAfter = (at: number): number => Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1);

export const startOfMonth = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));

/** To a hundredth of a cent, or of an hour. */
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
