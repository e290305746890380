import { paths } from "#api/paths.ts";
import { newTenant, tenant, tenantChange, tenantPage, tenantQuery } from "#api/tenants.ts";
import type { Tx } from "#db/connection.ts";
import { patternFault } from "#tenants/hostnames.ts";
import { notFound, type RefusalFault, refuseFaults } from "#refusal.ts";
import { createTenant } from "#operations/create-tenant.ts";
import { deleteTenant } from "#operations/delete-tenant.ts";
import { findTenant, listTenants, updateTenant } from "#tenants/queries.ts";
import { idInPath, nothing, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { type Caller, isGlobalAdmin } from "../plumbing/caller.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { presentTenant } from "./present.ts";

export const tenantRoutes: Routes = (app, { db, ids, change, zone }) => {
  /** `given`: the patterns, undefined where the tenant has it already. An admin over everything may give any. */
  const refusePatterns = async (
    tx: Tx,
    caller: Caller,
    given: readonly (string | undefined)[],
    tenantId: string | null,
  ): Promise<void> => {
    if (isGlobalAdmin(caller)) return;
    const faults: RefusalFault[] = [];
    for (const [at, pattern] of given.entries()) {
      const message = pattern === undefined ? undefined : await patternFault(tx, { pattern, tenantId, zone });
      if (message) faults.push({ path: `hostnames.${at}`, message });
    }
    refuseFaults(faults);
  };

  app.get(
    paths.tenants,
    { schema: { summary: "List tenants", querystring: tenantQuery, response: { 200: tenantPage } } },
    async (request) => {
      const { query } = request;
      const filter = { ...query, id: callerOf(request).tenantId ?? undefined };
      const rows = await listTenants(db, filter, keyset("tenants", query));
      return page("tenants", rows, query, (row) => ({ at: row.created_at, id: row.id }), presentTenant);
    },
  );

  app.post(
    paths.tenants,
    { schema: { summary: "Create a tenant", body: newTenant, response: { 201: tenant } } },
    (request, reply) =>
      change(request, reply, async ({ tx, caller, now }) => {
        const { hostnames: given } = request.body;
        await refusePatterns(tx, caller, given, null);
        const row = await createTenant(tx, request.body, { ids, now });
        return {
          status: 201,
          body: presentTenant(row),
          location: `${paths.tenants}/${row.id}`,
          audit: audited("tenant.create", row.id, { slug: row.slug }),
        };
      }),
  );

  app.get(
    paths.tenant,
    { schema: { summary: "Show a tenant", params: idInPath, response: { 200: tenant } } },
    async (request) => {
      const { id } = request.params;
      const { tenantId } = callerOf(request);
      const row = tenantId && tenantId !== id ? undefined : await findTenant(db, id);
      if (!row) throw notFound("tenant", id);
      return presentTenant(row);
    },
  );

  app.patch(
    paths.tenant,
    { schema: { summary: "Change a tenant", params: idInPath, body: tenantChange, response: { 200: tenant } } },
    (request, reply) =>
      change(request, reply, async ({ tx, caller, now }) => {
        const { id } = request.params;
        const { name, hostnames, labels, quota } = request.body;
        const before = await findTenant(tx, id);
        const given = hostnames?.map((it) => (before?.hostnames.includes(it) ? undefined : it)) ?? [];
        await refusePatterns(tx, caller, given, id);
        const row = await updateTenant(
          tx,
          id,
          {
            ...(name !== undefined && { name }),
            ...(hostnames && { hostnames }),
            ...(labels && { labels: JSON.stringify(labels) }),
            ...(quota && { quota: Object.keys(quota).length > 0 ? JSON.stringify(quota) : null }),
          },
          now,
        );
        if (!row) throw notFound("tenant", id);
        return { status: 200, body: presentTenant(row), audit: audited("tenant.change", id, request.body) };
      }),
  );

  app.delete(
    paths.tenant,
    {
      schema: {
        summary: "Delete a tenant that has no live deployment",
        params: idInPath,
        response: { 204: nothing },
      },
    },
    (request, reply) =>
      change(request, reply, async ({ tx, now }) => {
        const row = await deleteTenant(tx, request.params.id, now);
        return { status: 204, audit: audited("tenant.delete", row.id, { slug: row.slug }) };
      }),
  );
};

const audited = (action: string, id: string, detail: object) => ({
  action,
  object_type: "tenant",
  object_id: id,
  tenant_id: id,
  detail: { ...detail },
});
