import { regionSlugs } from "./catalogue-regions.ts";

export interface Size {
  slug: string;
  memory: number;
  vcpus: number;
  disk: number;
  transfer: number;
  price_monthly: number;
  price_hourly: number;
  regions: readonly string[];
  available: boolean;
  description: string;
}

const dedicated = regionSlugs.filter((slug) => slug !== "syd1" && slug !== "blr1");

type Row = [
  slug: string,
  memory: number,
  vcpus: number,
  disk: number,
  transfer: number,
  monthly: number,
  hourly: number,
];

const basic: Row[] = [
  ["s-1vcpu-512mb-10gb", 512, 1, 10, 0.5, 4, 0.00595],
  ["s-1vcpu-1gb", 1024, 1, 25, 1, 6, 0.00893],
  ["s-1vcpu-2gb", 2048, 1, 50, 2, 12, 0.01786],
  ["s-2vcpu-2gb", 2048, 2, 60, 3, 18, 0.02679],
  ["s-2vcpu-4gb", 4096, 2, 80, 4, 24, 0.03571],
  ["s-4vcpu-8gb", 8192, 4, 160, 5, 48, 0.07143],
  ["s-8vcpu-16gb", 16_384, 8, 320, 6, 96, 0.14286],
];
const cpuOptimized: Row[] = [
  ["c-2", 4096, 2, 25, 4, 42, 0.0625],
  ["c-4", 8192, 4, 50, 5, 84, 0.125],
];
const generalPurpose: Row[] = [["g-2vcpu-8gb", 8192, 2, 25, 4, 63, 0.09375]];

const sizesOf = (rows: Row[], description: string, regions: readonly string[]): Size[] =>
  rows.map(([slug, memory, vcpus, disk, transfer, price_monthly, price_hourly]) => ({
    slug,
    memory,
    vcpus,
    disk,
    transfer,
    price_monthly,
    price_hourly,
    regions,
    available: true,
    description,
  }));

/** With DigitalOcean's list prices in US dollars. The dedicated ones are not sold in every region. */
export const sizes: readonly Size[] = [
  ...sizesOf(basic, "Basic", regionSlugs),
  ...sizesOf(cpuOptimized, "CPU-Optimized", dedicated),
  ...sizesOf(generalPurpose, "General Purpose", dedicated),
];
