import { toldUsd } from "#usd.ts";
import type { Quota } from "#quota.ts";

/** A quota as it is typed; what is empty is not limited. */
export interface QuotaDraft {
  readonly max_deployments: string;
  readonly max_monthly_usd: string;
  /** Slugs, with commas. */
  readonly allowed_sizes: string;
  readonly allowed_regions: string;
}

export const draftOf = (quota: Quota | null): QuotaDraft => ({
  max_deployments: quota?.max_deployments?.toString() ?? "",
  max_monthly_usd: quota?.max_monthly_usd?.toString() ?? "",
  allowed_sizes: quota?.allowed_sizes?.join(", ") ?? "",
  allowed_regions: quota?.allowed_regions?.join(", ") ?? "",
});

/** As the API takes it: what is no number is sent as it is, for the server to say what is wrong. */
export const quotaOf = (draft: QuotaDraft): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(draft)
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => [name, name.startsWith("max_") ? numberOr(text.trim()) : slugsIn(text)]),
  );

const numberOr = (text: string): number | string => (Number.isFinite(Number(text)) ? Number(text) : text);
const slugsIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** In words; null: there is none. */
export function toldQuota(quota: Quota | null): string | null {
  if (quota === null) return null;
  const { max_deployments: most, max_monthly_usd: usd, allowed_sizes: sizes, allowed_regions: regions } = quota;
  const limits = [
    most !== undefined && `${most} deployments`,
    usd !== undefined && `${toldUsd(usd)} a month`,
    sizes && `sizes ${sizes.join(", ") || "none"}`,
    regions && `regions ${regions.join(", ") || "none"}`,
  ];
  return limits.filter(Boolean).join("; ") || null;
}
