import { newDeployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { sizeFaults } from "#deployments/user-data.ts";
import { keepVariables } from "#deployments/variables.ts";
import { checkDeployment, createDeployment } from "#operations/create-deployment.ts";
import { type Specified, specify } from "#operations/specify-deployment.ts";
import { refuseOverQuota } from "#operations/quota.ts";
import { notFound, Refusal, refuseFaults } from "#refusal.ts";
import { deploymentContext } from "#secrets/user-data-context.ts";
import { holdTenant } from "#tenants/queries.ts";
import { claimantOf, isGlobalAdmin } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import type { Dependencies } from "../plumbing/dependencies.ts";
import { showDeployment } from "./deployment-show.ts";
import { readPartly } from "../plumbing/partly.ts";

/** Creates a deployment and, when asked to, starts its saga: in the change's one transaction. */
export async function createDeploymentOf(
  { ids, secrets, sagas, zone, tenantQuota }: Dependencies,
  { tx, caller, now }: Change,
  body: unknown,
): Promise<Changed> {
  const { fields, faults } = readPartly(newDeployment, body);
  const image = fields.image === undefined ? undefined : String(fields.image);
  const by = claimantOf(caller);
  const limits = { zone, onlyTenant: caller.tenantId, by };
  const id = ids.uuid();
  const wrong = new Set(faults.map(({ path }) => path));
  const { faults: misfits, ...specified } = await specify(tx, { ...fields, image }, wrong);
  const found = await checkDeployment(tx, { ...fields, ...specified }, limits);
  const { tenant_id = "", hostname = "", release, variables = {}, user_data: own } = fields;
  const told = { id, tenant_id, hostname, release: release ?? null, variables, userData: own };
  const tooLong = misfits.length + found.length === 0 ? await sizeFaults(tx, secrets, told) : [];
  refuseFaults([...faults, ...misfits, ...found, ...tooLong]);
  const { provision, user_data: userData, variables: _, ...asked } = newDeployment.parse(body);
  if (asked.replace_dns && !isGlobalAdmin(caller))
    throw new Refusal(
      "forbidden",
      "replace_dns takes over a record that is there already: that needs an admin who is not bound to a tenant",
    );

  const tenant = await holdTenant(tx, asked.tenant_id);
  if (!tenant) throw notFound("tenant", asked.tenant_id);
  const wanted = { id, region: asked.region, ...known(specified) };
  await refuseOverQuota(tx, tenant, wanted, caller.tenantId === null ? undefined : tenantQuota);
  await createDeployment(
    tx,
    { ...asked, ...known(specified) },
    {
      id,
      now,
      status: provision ? "provisioning" : "pending",
      sealedUserData: userData === undefined ? undefined : secrets.seal(userData, deploymentContext(id)),
    },
  );
  if (Object.keys(variables).length > 0) await keepVariables(tx, secrets, id, variables, now);
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
      detail: { hostname: asked.hostname, provision, ...(asked.release !== undefined && { release: asked.release }) },
    },
  };
}

/** Where nothing is wrong, nothing is missing. */
function known({ image, size_slug, ssh_keys, reserved_ip, volume }: Omit<Specified, "faults">) {
  if (image === undefined || size_slug === undefined) throw new Error("A specification without a fault has no image");
  return { image, size_slug, ssh_keys, reserved_ip, volume };
}
