import { newDeployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { checkDeployment, createDeployment } from "#operations/create-deployment.ts";
import { Refusal, refuseFaults } from "#refusal.ts";
import { deploymentContext } from "#secrets/user-data-context.ts";
import { claimantOf, isGlobalAdmin } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import type { Dependencies } from "../plumbing/dependencies.ts";
import { showDeployment } from "./deployment-show.ts";
import { readPartly } from "../plumbing/partly.ts";

/** Creates a deployment and, when asked to, starts its saga: in the change's one transaction. */
export async function createDeploymentOf(
  { ids, secrets, sagas, zone }: Dependencies,
  { tx, caller, now }: Change,
  body: unknown,
): Promise<Changed> {
  const { fields, faults } = readPartly(newDeployment, body);
  const image = fields.image === undefined ? undefined : String(fields.image);
  const by = claimantOf(caller);
  const limits = { zone, onlyTenant: caller.tenantId, by };
  refuseFaults([...faults, ...(await checkDeployment(tx, { ...fields, image }, limits))]);
  const { provision, user_data: userData, ...asked } = newDeployment.parse(body);
  if (asked.replace_dns && !isGlobalAdmin(caller))
    throw new Refusal(
      "forbidden",
      "replace_dns takes over a record that is there already: that needs an admin who is not bound to a tenant",
    );

  const id = ids.uuid();
  await createDeployment(
    tx,
    { ...asked, image: String(asked.image) },
    {
      id,
      now,
      status: provision ? "provisioning" : "pending",
      sealedUserData: userData === undefined ? undefined : secrets.seal(userData, deploymentContext(id)),
    },
  );
  if (provision) await sagas.provisionDeployment(tx, id, by);
  return {
    status: provision ? 202 : 201,
    body: await showDeployment(tx, id, caller.tenantId),
    location: `${paths.deployments}/${id}`,
    audit: {
      action: "deployment.create",
      object_type: "deployment",
      object_id: id,
      tenant_id: asked.tenant_id,
      detail: { hostname: asked.hostname, provision },
    },
  };
}
