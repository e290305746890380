import { monthlyPrices } from "#catalogue/queries.ts";
import type { Tx } from "#db/connection.ts";
import { liveSizesOf } from "#deployments/queries.ts";
import { type Quota, quota as quotaShape } from "#quota.ts";
import { Refusal, type RefusalFault } from "#refusal.ts";
import type { TenantRow } from "#tenants/queries.ts";
import { toldUsd } from "#usd.ts";
import { monthlyUsdOf } from "#monthly-usd.ts";
import { releasesNamed } from "#releases/queries.ts";
import { snapshotUsdPerGib } from "#costs/snapshot-price.ts";
import { keptGibOf } from "#snapshots/queries.ts";

/** What a deployment shall be; its own id when it is there already, so that it is not counted twice. */
export interface Wanted {
  readonly id?: string;
  readonly region: string;
  readonly size_slug: string;
  /** What it runs, which may have it backed up. */
  readonly release?: string | null | undefined;
  /** As a row stores it, or as it is asked for. */
  readonly volume?: unknown;
  /** What it is already, where that is changed: whatever it does not change, and what gets no dearer, is not refused. */
  readonly now?: Omit<Wanted, "now">;
  /** A snapshot of it is kept besides: billed by what it holds, which nobody knows before it is there. */
  readonly snapshot?: boolean;
}

/**
 * Refuses what would take a tenant over its quota: its own, and the installation's for whoever asks with one tenant's
 * token. The tenant's row has to be locked by the caller (`holdTenant`): two who ask at once are counted one after the other.
 * @throws {Refusal} `quota_exceeded` with every figure that does not fit
 */
export async function refuseOverQuota(
  tx: Tx,
  tenant: Pick<TenantRow, "id" | "slug" | "quota">,
  wanted: Wanted,
  ofInstallation: Quota | undefined,
): Promise<void> {
  const own = tenant.quota === null ? undefined : quotaShape.parse(tenant.quota);
  const quotas = [own, ofInstallation].filter((quota) => quota !== undefined);
  if (quotas.every((quota) => Object.keys(quota).length === 0)) return;
  const others = (await liveSizesOf(tx, tenant.id)).filter(({ id }) => id !== wanted.id);
  const all = [...others, wanted, ...(wanted.now ? [wanted.now] : [])];
  const priced = quotas.some((quota) => quota.max_monthly_usd !== undefined);
  const sizes = priced ? all.map(({ size_slug }) => size_slug) : [];
  const prices = await monthlyPrices(tx, sizes);
  const names = priced ? all.flatMap(({ release }) => release ?? []) : [];
  const releases = await releasesNamed(tx, names);
  const usdOf = ({ size_slug, release, volume }: Priced): number =>
    monthlyUsdOf(prices.get(size_slug) ?? 0, { volume, backups: releases.get(release ?? "")?.backups }) ?? 0;
  const snapshots = priced ? cents((await keptGibOf(tx, tenant.id)) * snapshotUsdPerGib) : 0;
  const figures = {
    others: others.length,
    unpriced: [...others, wanted].find(({ size_slug }) => !prices.has(size_slug))?.size_slug,
    spent: cents(others.reduce((sum, other) => sum + usdOf(other), snapshots)),
    snapshots,
    more: usdOf(wanted),
    now: wanted.now && usdOf(wanted.now),
  };
  const faults = quotas.flatMap((quota) => faultsOf(quota, wanted, figures));
  if (faults.length === 0) return;
  const said = faults.map(({ message }) => message).join("; ");
  throw new Refusal("quota_exceeded", `Nothing was changed. Tenant ${tenant.slug}: ${said}`, { faults });
}

type Priced = Pick<Wanted, "size_slug" | "release" | "volume">;

const cents = (usd: number): number => Math.round(usd * 100) / 100;

/** What a tenant has besides; US dollars a month. */
interface Figures {
  readonly others: number;
  /** The first size of which the catalogue tells no price. */
  readonly unpriced: string | undefined;
  /** Snapshots included: those of all its deployments, for as long as they are kept. */
  readonly spent: number;
  readonly snapshots: number;
  readonly more: number;
  /** What it costs already, where it is changed. */
  readonly now: number | undefined;
}

function faultsOf(quota: Quota, wanted: Wanted, figures: Figures): RefusalFault[] {
  const faults: RefusalFault[] = [];
  const { max_deployments: most, allowed_sizes: sizes, allowed_regions: regions } = quota;
  const { now } = wanted;
  if (sizes && !sizes.includes(wanted.size_slug) && now?.size_slug !== wanted.size_slug)
    faults.push({ path: "size_slug", message: `size ${wanted.size_slug} is none of ${told(sizes)}` });
  if (regions && !regions.includes(wanted.region) && now?.region !== wanted.region)
    faults.push({ path: "region", message: `region ${wanted.region} is none of ${told(regions)}` });
  if (most !== undefined && !now && figures.others + 1 > most)
    faults.push({ path: "tenant_id", message: `it has ${figures.others} deployments and may have ${most}` });
  const tooDear = quota.max_monthly_usd === undefined ? undefined : moneyFault(quota.max_monthly_usd, wanted, figures);
  return tooDear === undefined ? faults : [...faults, tooDear];
}

function moneyFault(most: number, wanted: Wanted, figures: Figures): RefusalFault | undefined {
  const { unpriced, spent, snapshots, more, now } = figures;
  const isSameSize = wanted.now?.size_slug === wanted.size_slug;
  const allowed = `${toldUsd(most)} are allowed`;
  const ofSnapshots = snapshots > 0 ? ` (${toldUsd(snapshots)} of it for snapshots that are kept)` : "";
  if (wanted.snapshot && spent + more >= most)
    return {
      path: "tenant_id",
      message: `it spends ${toldUsd(cents(spent + more))} a month${ofSnapshots}, a snapshot is billed by what it holds, and ${allowed}`,
    };
  if (now !== undefined && isSameSize && more <= now) return undefined;
  if (unpriced !== undefined)
    return {
      path: "size_slug",
      message: `the catalogue has no price of size ${unpriced}, and ${toldUsd(most)} a month are allowed`,
    };
  if (spent + more <= most || (now !== undefined && more <= now)) return undefined;
  return {
    path: "size_slug",
    message: `it spends ${toldUsd(spent)} a month${ofSnapshots}, this would be ${toldUsd(more)} more, and ${allowed}`,
  };
}

const told = (allowed: readonly string[]): string => (allowed.length === 0 ? "those allowed" : allowed.join(", "));
