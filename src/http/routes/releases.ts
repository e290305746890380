import { z } from "zod";
import { paths } from "#api/paths.ts";
import { newRelease, release, releaseName, releasePage, releaseQuery } from "#api/releases.ts";
import { notFound, refuseFaults } from "#refusal.ts";
import { checkRelease, createRelease } from "#operations/create-release.ts";
import { deleteRelease } from "#operations/delete-release.ts";
import { findRelease, listReleases } from "#releases/queries.ts";
import { nothing, type Routes } from "../plumbing/app.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { readPartly } from "../plumbing/partly.ts";
import { presentRelease } from "./present.ts";

const nameInPath = z.object({ name: releaseName });

export const releaseRoutes: Routes = (app, { db, ids, secrets, change }) => {
  app.get(
    paths.releases,
    {
      schema: { summary: "List releases, newest first", querystring: releaseQuery, response: { 200: releasePage } },
    },
    async ({ query }) => {
      const rows = await listReleases(db, query, keyset("releases", query));
      return page("releases", rows, query, (row) => ({ at: row.created_at, id: row.id }), presentRelease);
    },
  );

  app.post(
    paths.releases,
    {
      attachValidation: true,
      schema: {
        summary: "Create a release: what droplets run, under a name that never means another thing",
        body: newRelease,
        response: { 201: release },
      },
    },
    (request, reply) =>
      change(request, reply, async ({ tx, now }) => {
        const { fields, faults } = readPartly(newRelease, request.body);
        const image = fields.image === undefined ? undefined : String(fields.image);
        refuseFaults([...faults, ...(await checkRelease(tx, { ...fields, image }))]);
        const asked = newRelease.parse(request.body);
        const input = { ...asked, image: String(asked.image) };
        const row = await createRelease(tx, input, { id: ids.uuid(), now, secrets });
        const { user_data: _, ...told } = asked;
        return {
          status: 201,
          body: presentRelease(row),
          location: `${paths.releases}/${row.name}`,
          audit: audited("release.create", row.name, { ...told }),
        };
      }),
  );

  app.get(
    paths.release,
    { schema: { summary: "Show a release", params: nameInPath, response: { 200: release } } },
    async ({ params }) => {
      const row = await findRelease(db, params.name);
      if (!row) throw notFound("release", params.name);
      return presentRelease(row);
    },
  );

  app.delete(
    paths.release,
    { schema: { summary: "Delete a release that nothing runs", params: nameInPath, response: { 204: nothing } } },
    (request, reply) =>
      change(request, reply, async ({ tx }) => {
        const { name } = request.params;
        await deleteRelease(tx, name);
        return { status: 204, audit: audited("release.delete", name, {}) };
      }),
  );
};

const audited = (action: string, name: string, detail: object) => ({
  action,
  object_type: "release",
  object_id: name,
  tenant_id: null,
  detail: { ...detail },
});
