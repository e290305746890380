import { z } from "zod";
import type { Catalogue } from "#api/provider.ts";
import { UsageError } from "#cli/failure.ts";

const priced = z.looseObject({ slug: z.string(), price_hourly: z.number(), regions: z.array(z.string()).optional() });

/** US dollars an hour. @throws {UsageError} when the catalogue does not have that size in that region */
export function hourlyPrice({ sizes }: Catalogue, size: string, region: string): number {
  const found = priced.safeParse(sizes.find((it) => it.slug === size));
  if (!found.success) throw new UsageError(`--size: the provider's catalogue has no price for ${size}`);
  const { regions, price_hourly } = found.data;
  if (regions && !regions.includes(region))
    throw new UsageError(`--region: ${size} is not offered in ${region}, only in ${regions.join(", ")}`);
  return price_hourly;
}

/** Since January 2026 DigitalOcean bills droplets by the second: at least 60 seconds, and at least one cent. */
export const billing = "billed by the second, at least 60 s and $0.01";

/** US dollars for one droplet that lived for `seconds`. */
export const cost = (hourly: number, seconds: number): number =>
  Math.max((hourly * Math.max(seconds, 60)) / 3600, 0.01);

export const dollars = (amount: number): string => `$${amount.toFixed(4)}`;
