import { paths } from "#api/paths.ts";
import { catalogue, provider } from "#api/provider.ts";
import { countRequests, listCatalogue, readBudget } from "#catalogue/queries.ts";
import { accountScope, lastLook } from "#inventory/looks.ts";
import { remarkOn } from "#provider/account.ts";
import { knownProvider, troubledContacts } from "#provider/contacts.ts";
import { listProblems } from "#provider/problems.ts";
import { readProvider } from "#provider/provider.ts";
import type { Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { iso, isoOrNull, jsonObject, presentContact } from "./present.ts";

const window = (limit: number, used: number) => ({ limit, used, left: Math.max(0, limit - used) });

export const providerRoutes: Routes = (app, { db, clock, requestLimits: limits }) => {
  app.get(
    paths.provider,
    { schema: { summary: "The provider and its request budget", response: { 200: provider } } },
    async () => {
      const [row, troubled, budget, used, inventoryReadAt, problems] = await Promise.all([
        knownProvider(db, clock.now()),
        troubledContacts(db, clock.now()),
        readBudget(db),
        countRequests(db, clock.now()),
        lastLook(db, accountScope),
        listProblems(db),
      ]);
      return {
        status: row.status,
        reason: row.reason ?? remarkOn(row.account_status, row.account_status_message),
        simulated: row.simulated,
        since: isoOrNull(row.since),
        checked_at: isoOrNull(row.checked_at),
        workers_not_up: troubled.map(presentContact),
        problems: problems.map(({ since, ...it }) => ({ ...it, since: iso(since) })),
        account_uuid: row.account_uuid,
        account_of: row.account_of,
        account_status: row.account_status,
        account_status_message: row.account_status_message,
        droplet_limit: row.droplet_limit,
        reserved_ip_limit: row.reserved_ip_limit,
        catalogue_read_at: isoOrNull(row.catalogue_read_at),
        inventory_read_at: isoOrNull(inventoryReadAt),
        budget: {
          minute: window(limits.minute, used.minute),
          hour: window(limits.hour, used.hour),
          remaining: budget.remaining,
          remaining_at: isoOrNull(budget.remaining_at),
          blocked_until: isoOrNull(budget.blocked_until),
        },
      };
    },
  );

  app.get(
    paths.catalogue,
    { schema: { summary: "Regions, sizes and images that can be asked for", response: { 200: catalogue } } },
    async (request) => {
      const [rows, row] = await Promise.all([listCatalogue(db, callerOf(request).tenantId), readProvider(db)]);
      const of = (kind: string) =>
        rows.filter((entry) => entry.kind === kind).map(({ slug, data }) => ({ ...jsonObject.parse(data), slug }));
      return {
        regions: of("region"),
        sizes: of("size"),
        images: of("image"),
        read_at: isoOrNull(row.catalogue_read_at),
      };
    },
  );
};
