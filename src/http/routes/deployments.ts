import {
  deployment,
  deploymentCancel,
  deploymentChange,
  deploymentPage,
  deploymentPreview,
  deploymentQuery,
  newDeployment,
  newDeploymentQuery,
} from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { removalQuery } from "#api/removal.ts";
import { cancel } from "#operations/cancel-deployment.ts";
import { provision } from "#operations/provision-deployment.ts";
import { remove } from "#operations/delete-deployment.ts";
import { changeDeployment } from "#operations/change-deployment.ts";
import { type DeploymentRow, listDeployments } from "#deployments/queries.ts";
import type { JsonObject } from "#db/json.ts";
import { rehearse, snapshot, transact } from "#db/transact.ts";
import { idInPath, noBody, type Routes } from "../plumbing/app.ts";
import { Refusal } from "#refusal.ts";
import { reaches } from "../plumbing/access.ts";
import { callerOf } from "../plumbing/auth.ts";
import { claimantOf, scoped } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import { createDeploymentOf, previewDeploymentOf, previewWithTenant } from "./deployment-create.ts";
import { deploymentPresenter, showDeployment } from "./deployment-show.ts";
import { emptyPage, keyset, page } from "../plumbing/pages.ts";

export const deploymentRoutes: Routes = (app, deps) => {
  const { db, sagas, secrets, zone, tenantQuota, destroysPerHour, change } = deps;

  app.get(
    paths.deployments,
    {
      schema: {
        summary: "List deployments, newest first",
        querystring: deploymentQuery,
        response: { 200: deploymentPage },
      },
    },
    async (request) => {
      const query = scoped(callerOf(request), request.query);
      if (!query) return emptyPage;
      return snapshot(db, async (tx) => {
        const rows = await listDeployments(tx, query, keyset("deployments", query));
        const present = await deploymentPresenter(tx, rows);
        return page("deployments", rows, query, (row) => ({ at: row.created_at, id: row.id }), present);
      });
    },
  );

  app.post(
    paths.deployments,
    {
      // The faults of the shape are told together with those that only the database knows.
      attachValidation: true,
      schema: {
        summary: "Create a deployment, and provision it when `provision` is true",
        description:
          "With `preview=true`: what would be made and what it costs, and nothing is written. With `new_tenant` beside it as if a " +
          "tenant of that slug had been made just before, in the place of `tenant_id`",
        querystring: newDeploymentQuery,
        body: newDeployment,
        response: { 200: deploymentPreview, 201: deployment, 202: deployment },
      },
    },
    (request, reply) => {
      // Where the body is not valid, the query has not been read by now.
      const query = newDeploymentQuery.safeParse(request.query);
      if (!query.success) throw request.validationError ?? query.error;
      const caller = callerOf(request);
      const { preview, new_tenant: slug } = query.data;
      if (slug !== undefined) return rehearse(db, (tx) => previewWithTenant(deps, { tx, caller }, request.body, slug));
      return preview
        ? transact(db, (tx) => previewDeploymentOf(deps, { tx, caller }, request.body))
        : change(request, reply, (it) => createDeploymentOf(deps, it, request.body));
    },
  );

  app.get(
    paths.deployment,
    { schema: { summary: "Show a deployment", params: idInPath, response: { 200: deployment } } },
    (request) => snapshot(db, (tx) => showDeployment(tx, request.params.id, callerOf(request).tenantId)),
  );

  app.patch(
    paths.deployment,
    {
      schema: {
        summary: "Change a deployment's labels, or what its next droplet is told and asked",
        params: idInPath,
        body: deploymentChange,
        response: { 200: deployment },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) => {
        const { variables, ...rest } = request.body;
        if (rest.protected === false && !reaches(it.caller.role, "admin"))
          throw new Refusal("forbidden", "Lifting a deployment's protection needs an admin; nothing was changed");
        const before = await changeDeployment(it.tx, secrets, request.params.id, request.body, askerOf(it));
        const detail = { ...rest, ...(variables && { variables: Object.keys(variables) }) };
        return { ...(await accepted(it, "deployment.change", before, detail)), status: 200 };
      }),
  );

  app.post(
    paths.deploymentProvision,
    {
      schema: {
        summary: "Provision a pending or cancelled deployment",
        params: idInPath,
        body: noBody,
        response: { 202: deployment },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) =>
        accepted(
          it,
          "deployment.provision",
          await provision(it.tx, sagas, request.params.id, {
            ...askerOf(it),
            zone,
            by: claimantOf(it.caller),
            tenantQuota: it.caller.tenantId === null ? undefined : tenantQuota,
          }),
        ),
      ),
  );

  app.post(
    paths.deploymentCancel,
    {
      schema: {
        summary: "Roll back a deployment that is being provisioned, or what was asked of an active one",
        params: idInPath,
        body: deploymentCancel.nullish(),
        response: { 202: deployment },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) => {
        const reason = request.body?.reason ?? `cancelled by ${it.caller.name}`;
        return accepted(it, "deployment.cancel", await cancel(it.tx, sagas, request.params.id, reason, askerOf(it)));
      }),
  );

  app.delete(
    paths.deployment,
    {
      schema: {
        summary: "Delete a deployment: ended at once, rolled back, or deprovisioned, by its status",
        description: "One that has a volume is deleted with `delete_volume=true` only",
        params: idInPath,
        querystring: removalQuery,
        response: { 202: deployment },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) => {
        const { delete_volume: deleteVolume, keep_snapshot_days: keepSnapshotDays } = request.query;
        const asker = { ...askerOf(it), destroysPerHour, deleteVolume, keepSnapshotDays };
        const before = await remove(it.tx, sagas, request.params.id, asker);
        const detail = { from: before.status, ...(deleteVolume && { keep_snapshot_days: keepSnapshotDays }) };
        return accepted(it, "deployment.delete", before, detail);
      }),
  );
};

const askerOf = ({ caller, now }: Change) => ({ tenantId: caller.tenantId, now });

/** Answers with the deployment as it is after the change; `before` tells the audit log where it came from. */
async function accepted(
  { tx, caller }: Change,
  action: string,
  before: DeploymentRow,
  detail: JsonObject = { from: before.status },
): Promise<Changed> {
  return {
    status: 202,
    body: await showDeployment(tx, before.id, caller.tenantId),
    location: `${paths.deployments}/${before.id}`,
    audit: {
      action,
      object_type: "deployment",
      object_id: before.id,
      tenant_id: before.tenant_id,
      detail: { hostname: before.hostname, ...detail },
    },
  };
}
