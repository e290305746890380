import { z } from "zod";
import { dropletDeleteQuery, newDroplet } from "#api/droplets.ts";
import { paths } from "#api/paths.ts";
import { startedSaga } from "#api/sagas.ts";
import { checkSpecification } from "#catalogue/check.ts";
import { claimableDroplet } from "#operations/destroy-droplet.ts";
import { isOneTooMany, tellTripped } from "#operations/hold-destroys.ts";
import { Refusal, refuseFaults } from "#refusal.ts";
import { dropletContext } from "#secrets/user-data-context.ts";
import type { Routes } from "../plumbing/app.ts";
import { isGlobalAdmin } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import { readPartly } from "../plumbing/partly.ts";
import { showSaga } from "./saga-show.ts";

const dropletInPath = z.object({
  provider_id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
});

export const dropletRoutes: Routes = (app, { sagas, secrets, destroysPerHour, change }) => {
  app.post(
    paths.droplets,
    {
      attachValidation: true,
      schema: {
        summary: "Create a droplet without a deployment",
        body: newDroplet,
        response: { 202: startedSaga },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) => {
        const { fields, faults } = readPartly(newDroplet, request.body);
        const image = fields.image === undefined ? undefined : String(fields.image);
        refuseFaults([...faults, ...(await checkSpecification(it.tx, { ...fields, image }, it.caller.tenantId))]);
        const { user_data: userData, ...asked } = newDroplet.parse(request.body);
        const sealed = userData === undefined ? undefined : secrets.seal(userData, dropletContext(asked.name));
        const sagaId = await sagas.provisionDroplet(it.tx, { ...asked, image: String(asked.image) }, sealed);
        return started(it, sagaId, "droplet.create", { name: asked.name });
      }),
  );

  app.delete(
    paths.droplet,
    {
      schema: {
        summary: "Destroy a droplet that no live saga or deployment owns",
        params: dropletInPath,
        querystring: dropletDeleteQuery,
        response: { 202: startedSaga },
      },
    },
    (request, reply) =>
      change(request, reply, async (it) => {
        const { provider_id: providerId } = request.params;
        const { unmanaged } = request.query;
        if (unmanaged && !isGlobalAdmin(it.caller))
          throw new Refusal(
            "forbidden",
            "unmanaged=true destroys what was not made here: that needs an admin who is not bound to a tenant",
          );
        const droplet = await claimableDroplet(it.tx, providerId, { unmanaged });
        const name = droplet.name === null ? {} : { name: droplet.name };
        const held = await isOneTooMany(it.tx, destroysPerHour, { tenantId: it.caller.tenantId, now: it.now });
        const doomed = { providerId, unmanaged: !droplet.managed, ...name };
        const sagaId = await sagas.destroyDroplet(it.tx, doomed, { held });
        if (held) await tellTripped(it.tx, sagaId, it.caller.tenantId);
        return started(it, sagaId, "droplet.destroy", { ...name, provider_id: providerId });
      }),
  );
};

async function started(
  { tx }: Change,
  sagaId: string,
  action: string,
  detail: Record<string, string | number>,
): Promise<Changed> {
  const saga = await showSaga(tx, sagaId, null);
  return {
    status: 202,
    body: { saga },
    location: `${paths.sagas}/${sagaId}`,
    audit: { action, object_type: "saga", object_id: sagaId, tenant_id: saga.tenant_id, detail },
  };
}
