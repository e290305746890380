import { expect, test } from "vitest";
import { draftOf, quotaOf, toldQuota } from "./quota.ts";

const quota = { max_deployments: 3, max_monthly_usd: 40.5, allowed_sizes: ["s-1vcpu-1gb"], allowed_regions: [] };

test("a quota is typed as it is shown, and told in words", () => {
  expect(quotaOf(draftOf({ ...quota, allowed_regions: ["syd1", "fra1"] }))).toEqual({
    ...quota,
    allowed_regions: ["syd1", "fra1"],
  });
  expect(quotaOf(draftOf(null))).toEqual({});
  expect(quotaOf({ ...draftOf(null), max_deployments: "few" })).toEqual({ max_deployments: "few" });
  expect(toldQuota(quota)).toBe("3 deployments; $40.50 a month; sizes s-1vcpu-1gb; regions none");
  expect([toldQuota(null), toldQuota({})]).toEqual([null, null]);
});
