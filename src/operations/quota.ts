import { monthlyPrices } from "#catalogue/queries.ts";
import type { Tx } from "#db/connection.ts";
import { liveSizesOf } from "#deployments/queries.ts";
import { type Quota, quota as quotaShape } from "#quota.ts";
import { Refusal, type RefusalFault } from "#refusal.ts";
import type { TenantRow } from "#tenants/queries.ts";
import { toldUsd } from "#usd.ts";
import { monthlyUsdOf } from "#monthly-usd.ts";
import { releasesNamed } from "#releases/queries.ts";

/** What a deployment shall be; its own id when it is there already, so that it is not counted twice. */
export interface Wanted {
  readonly id?: string;
  readonly region: string;
  readonly size_slug: string;
  /** What it runs, which may have it backed up. */
  readonly release?: string | null | undefined;
  /** As a row stores it, or as it is asked for. */
  readonly volume?: unknown;
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
  const priced = quotas.some((quota) => quota.max_monthly_usd !== undefined);
  const prices = priced
    ? await monthlyPrices(
        tx,
        [...others, wanted].map(({ size_slug }) => size_slug),
      )
    : new Map<string, number>();
  const names = priced ? [...others, wanted].flatMap(({ release }) => release ?? []) : [];
  const releases = await releasesNamed(tx, names);
  const usdOf = ({ size_slug, release, volume }: Priced): number =>
    monthlyUsdOf(prices.get(size_slug) ?? 0, { volume, backups: releases.get(release ?? "")?.backups }) ?? 0;
  const unpriced = [...others, wanted].find(({ size_slug }) => !prices.has(size_slug))?.size_slug;
  const spent = Math.round(others.reduce((sum, other) => sum + usdOf(other), 0) * 100) / 100;
  const figures = { others: others.length, unpriced, spent, more: usdOf(wanted) };
  const faults = quotas.flatMap((quota) => faultsOf(quota, wanted, figures));
  if (faults.length === 0) return;
  const said = faults.map(({ message }) => message).join("; ");
  throw new Refusal("quota_exceeded", `Nothing was changed. Tenant ${tenant.slug}: ${said}`, { faults });
}

type Priced = Pick<Wanted, "size_slug" | "release" | "volume">;

/** What a tenant has besides; US dollars a month. */
interface Figures {
  readonly others: number;
  /** The first size of which the catalogue tells no price. */
  readonly unpriced: string | undefined;
  readonly spent: number;
  readonly more: number;
}

function faultsOf(quota: Quota, wanted: Wanted, { others, unpriced, spent, more }: Figures): RefusalFault[] {
  const faults: RefusalFault[] = [];
  const { max_deployments: most, max_monthly_usd: mostUsd, allowed_sizes: sizes, allowed_regions: regions } = quota;
  if (sizes && !sizes.includes(wanted.size_slug))
    faults.push({ path: "size_slug", message: `size ${wanted.size_slug} is none of ${told(sizes)}` });
  if (regions && !regions.includes(wanted.region))
    faults.push({ path: "region", message: `region ${wanted.region} is none of ${told(regions)}` });
  if (most !== undefined && others + 1 > most)
    faults.push({ path: "tenant_id", message: `it has ${others} deployments and may have ${most}` });
  if (mostUsd === undefined) return faults;
  if (unpriced !== undefined)
    faults.push({
      path: "size_slug",
      message: `the catalogue has no price of size ${unpriced}, and ${toldUsd(mostUsd)} a month are allowed`,
    });
  else if (spent + more > mostUsd)
    faults.push({
      path: "size_slug",
      message: `it spends ${toldUsd(spent)} a month, this would be ${toldUsd(more)} more, and ${toldUsd(mostUsd)} are allowed`,
    });
  return faults;
}

const told = (allowed: readonly string[]): string => (allowed.length === 0 ? "those allowed" : allowed.join(", "));
