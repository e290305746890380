import { deployment } from "#api/deployments.ts";
import {
  contractOf,
  operationNames,
  type OperationName,
  type OperationPreview,
  operationPreview,
  operationQuery,
  snapshotPage,
  snapshotQuery,
} from "#api/operations.ts";
import { paths } from "#api/paths.ts";
import { findDeployment } from "#deployments/queries.ts";
import type { Tx } from "#db/connection.ts";
import { planOperation } from "#operations/operate-deployment.ts";
import { transact } from "#db/transact.ts";
import { notFound } from "#refusal.ts";
import type { PlannedOperation } from "#sagas/start.ts";
import { listSnapshots } from "#snapshots/queries.ts";
import { idInPath, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { showDeployment } from "./deployment-show.ts";
import { keyset, page } from "../plumbing/pages.ts";
import { presentSnapshot } from "./present.ts";

/** What can be asked of an active deployment: a route for each, all of them alike. */
export const operationRoutes: Routes = (app, { db, clock, sagas, tenantQuota, change }) => {
  for (const name of operationNames) {
    const { summary, body, isFinal = false } = contractOf(name);
    app.post(
      paths.deploymentOperation.replace(":operation", name),
      {
        schema: {
          summary,
          description: "With `preview=true`: what it would do, and nothing is started",
          params: idInPath,
          querystring: operationQuery,
          // What wants nothing may be sent without a body.
          body: body.safeParse({}).success ? body.nullish() : body,
          response: { 200: operationPreview, 202: deployment },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { tenantId } = callerOf(request);
        const asked = request.body ?? body.parse({});
        const quota = tenantId === null ? undefined : tenantQuota;
        const plan = (tx: Tx, now: Date) =>
          planOperation(tx, sagas, id, { name, body: asked, isFinal, tenantId, tenantQuota: quota, now });
        if (request.query.preview)
          return transact(db, async (tx) => {
            const { planned, deployment: it } = await plan(tx, clock.now());
            return presentPreview(name, it, planned);
          });
        return change(request, reply, async ({ tx, now }) => {
          const { planned, deployment: before } = await plan(tx, now);
          await planned.start();
          return {
            status: 202,
            body: await showDeployment(tx, id, tenantId),
            location: `${paths.deployments}/${id}`,
            audit: {
              action: `deployment.${name}`,
              object_type: "deployment",
              object_id: id,
              tenant_id: before.tenant_id,
              detail: { hostname: before.hostname, ...auditable(asked) },
            },
          };
        });
      },
    );
  }

  app.get(
    paths.deploymentSnapshots,
    {
      schema: {
        summary: "List the snapshots of a deployment, newest first",
        params: idInPath,
        querystring: snapshotQuery,
        response: { 200: snapshotPage },
      },
    },
    async (request) => {
      const { params, query } = request;
      if (!(await findDeployment(db, params.id, callerOf(request).tenantId))) throw notFound("deployment", params.id);
      const rows = await listSnapshots(db, params.id, keyset("snapshots", query));
      return page("snapshots", rows, query, (row) => ({ at: row.created_at, id: row.id }), presentSnapshot);
    },
  );
};

const presentPreview = (
  operation: OperationName,
  { id, hostname }: { readonly id: string; readonly hostname: string },
  { preview }: PlannedOperation,
): OperationPreview => ({
  operation,
  deployment_id: id,
  hostname,
  steps: [...preview.steps],
  does: [...preview.does],
  cannot_undo: [...preview.cannot_undo],
  interruption: preview.interruption,
  monthly_usd: preview.monthly_usd ?? null,
});

/** What was asked for, as far as it is text or a number: nothing of it is secret. */
const auditable = (asked: object): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(asked).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
