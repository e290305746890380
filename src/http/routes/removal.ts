import { paths } from "#api/paths.ts";
import { type Removal, removal } from "#api/removal.ts";
import type { Db } from "#db/connection.ts";
import { findDeployment } from "#deployments/queries.ts";
import { fullName, recordOf } from "#dns/records.ts";
import { dropletOf, registrarOf } from "#inventory/registration.ts";
import { type Making, makingOf } from "#saga-queries/making.ts";
import { sagaTag } from "#provider/handle.ts";
import { notFound } from "#refusal.ts";
import { idInPath, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";

export const removalRoutes: Routes = (app, { db }) => {
  app.get(
    paths.deploymentRemoval,
    {
      schema: {
        summary: "What deleting the deployment takes away at the provider, as far as it is known now",
        params: idInPath,
        response: { 200: removal },
      },
    },
    async (request) => {
      const { id } = request.params;
      const deployment = await findDeployment(db, id, callerOf(request).tenantId);
      if (!deployment) throw notFound("deployment", id);
      return removalOf(db, id);
    },
  );
};

/** One snapshot: between two statements a saga may commit. */
const removalOf = (db: Db, id: string): Promise<Removal> =>
  db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (tx) => {
      const registered = await dropletOf(tx, id);
      const registrar = registered && (await registrarOf(tx, registered.provider_id));
      const owned = await recordOf(tx, id);
      const making = await makingOf(tx, id);
      const live = making?.ended === false ? making : undefined;
      const droplet = registered ?? live?.droplet ?? null;
      const tag = registrar ? sagaTag(registrar) : live?.droplet?.tag;
      const record = owned
        ? { id: owned.record_id, name: fullName(owned.name, owned.zone), data: owned.data }
        : live?.record;
      return {
        droplet: droplet && {
          provider_id: droplet.provider_id,
          name: droplet.name,
          public_ipv4: droplet.public_ipv4,
        },
        dns_records: record ? [{ ...record, type: "A" }] : [],
        tags: tag === undefined ? [] : [tag],
        uncertain: live !== undefined,
        reason: live ? whyUncertain(live) : null,
      };
    });

function whyUncertain({ back, droplet, sagaId }: Making): string {
  if (back) return `Saga ${sagaId} is undoing it already`;
  if (!droplet) return `Saga ${sagaId} may make a droplet before it turns round`;
  if (droplet.provider_id === null) return `Saga ${sagaId} has asked for a droplet and does not know its id yet`;
  return `Saga ${sagaId} goes on making it until it turns round`;
}
