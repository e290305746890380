import { expect, test } from "vitest";
import { scoped, type Caller } from "./caller.ts";

const caller = (tenantId: string | null): Caller => ({ tokenId: "token", name: "somebody", role: "admin", tenantId });

test.each([
  ["of everything, without a filter", null, {}, {}],
  ["of everything, with one", null, { tenant_id: "a" }, { tenant_id: "a" }],
  ["bound to a tenant, without one", "a", { limit: 5 }, { limit: 5, tenant_id: "a" }],
  ["bound, and asking for its own", "a", { tenant_id: "a" }, { tenant_id: "a" }],
  ["bound, and asking for another's", "a", { tenant_id: "b" }, null],
])("a list for a token %s", (_, tenantId, query, shown) => {
  expect(scoped<{ tenant_id?: string; limit?: number }>(caller(tenantId), query)).toEqual(shown);
});
