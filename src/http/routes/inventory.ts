import { paths } from "#api/paths.ts";
import { orphanPage, orphanQuery, resourcePage, resourceQuery, syncRequested } from "#api/resources.ts";
import { listResources, listStrays } from "#inventory/queries.ts";
import { noBody, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { scoped } from "../plumbing/caller.ts";
import { emptyPage, keyset, page } from "../plumbing/pages.ts";
import { presentOrphan, presentResource } from "./present.ts";

export const inventoryRoutes: Routes = (app, { db, change, requestSync }) => {
  app.get(
    paths.resources,
    {
      schema: {
        summary: "List the droplets of the account, as last seen",
        querystring: resourceQuery,
        response: { 200: resourcePage },
      },
    },
    async (request) => {
      const query = scoped(callerOf(request), request.query);
      if (!query) return emptyPage;
      const rows = await listResources(db, query, keyset("resources", query));
      return page("resources", rows, query, (row) => ({ at: row.first_seen_at, id: row.id }), presentResource);
    },
  );

  app.post(
    paths.inventorySync,
    { schema: { summary: "Read the whole account now", body: noBody, response: { 202: syncRequested } } },
    (request, reply) =>
      change(request, reply, async ({ tx, now }) => {
        await requestSync(tx);
        return {
          status: 202,
          body: { requested_at: now.toISOString() },
          audit: { action: "inventory.sync", object_type: "inventory", object_id: null, tenant_id: null },
        };
      }),
  );

  app.get(
    paths.orphans,
    {
      schema: {
        summary: "List what carries our install tag and nobody owns",
        querystring: orphanQuery,
        response: { 200: orphanPage },
      },
    },
    async ({ query }) => {
      const rows = await listStrays(db, keyset("orphans", query, "number"));
      return page(
        "orphans",
        rows,
        query,
        (row) => ({ at: row.first_seen_at, id: String(row.provider_id) }),
        presentOrphan,
      );
    },
  );
};
