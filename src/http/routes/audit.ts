import { auditPage, auditQuery } from "#api/audit.ts";
import { paths } from "#api/paths.ts";
import { listAudit, ownTokens } from "#audit/queries.ts";
import type { Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { scoped } from "../plumbing/caller.ts";
import { emptyPage, keyset, page } from "../plumbing/pages.ts";
import { presentAudit } from "./present.ts";

const date = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

export const auditRoutes: Routes = (app, { db }) => {
  app.get(
    paths.audit,
    { schema: { summary: "Who did what, newest first", querystring: auditQuery, response: { 200: auditPage } } },
    async (request) => {
      const caller = callerOf(request);
      const query = scoped(caller, request.query);
      if (!query) return emptyPage;
      const filter = { ...query, since: date(query.since), until: date(query.until) };
      const rows = await listAudit(db, filter, keyset("audit", query));
      const own = caller.tenantId ? await ownTokens(db, rows, caller.tenantId) : undefined;
      return page("audit", rows, query, (row) => ({ at: row.at, id: row.id }), presentAudit(own));
    },
  );
};
