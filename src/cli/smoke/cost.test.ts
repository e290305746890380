import { expect, test } from "vitest";
import { cost, hourlyPrice } from "./cost.ts";

const catalogue = {
  regions: [],
  images: [],
  sizes: [{ slug: "s-1vcpu-512mb-10gb", price_hourly: 0.00595, regions: ["syd1"] }, { slug: "unpriced" }],
  read_at: null,
};

test("a droplet costs its seconds, and at least a cent", () => {
  expect(cost(0.00595, 90)).toBe(0.01);
  expect(cost(0.00595, 36_000)).toBeCloseTo(0.0595);
  expect(cost(2.97, 1)).toBeCloseTo(0.0495);
});

test("a price is the catalogue's, for a region that has the size", () => {
  expect(hourlyPrice(catalogue, "s-1vcpu-512mb-10gb", "syd1")).toBe(0.00595);
  expect(() => hourlyPrice(catalogue, "s-1vcpu-512mb-10gb", "ams3")).toThrow("not offered in ams3, only in syd1");
  expect(() => hourlyPrice(catalogue, "unpriced", "syd1")).toThrow("no price for unpriced");
});
