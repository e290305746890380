import { type DeploymentPreview, newDeployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { monthlyPrices } from "#catalogue/queries.ts";
import { unassignedMonthlyUsd } from "#costs/reserved-ip.ts";
import { sizeFaults } from "#deployments/user-data.ts";
import { keepVariables } from "#deployments/variables.ts";
import { createTenant } from "#operations/create-tenant.ts";
import { checkDeployment, createDeployment } from "#operations/create-deployment.ts";
import { type Specified, specify } from "#operations/specify-deployment.ts";
import { refuseOverQuota } from "#operations/quota.ts";
import type { Tx } from "#db/connection.ts";
import { notFound, Refusal, refuseFaults } from "#refusal.ts";
import { readProvider } from "#provider/provider.ts";
import { findRelease } from "#releases/queries.ts";
import { deploymentContext } from "#secrets/user-data-context.ts";
import { holdTenant } from "#tenants/queries.ts";
import { backupsShare, monthlyUsdOf } from "#monthly-usd.ts";
import { claimantOf, isGlobalAdmin } from "../plumbing/caller.ts";
import type { Change, Changed } from "../plumbing/change.ts";
import type { Dependencies } from "../plumbing/dependencies.ts";
import { showDeployment } from "./deployment-show.ts";
import { presentImage } from "./present.ts";
import { readPartly } from "../plumbing/partly.ts";

/** What is asked for, once all is right with it. Its tenant's row is held, and a release that it names. */
async function planned(
  { ids, secrets, zone, tenantQuota }: Dependencies,
  { tx, caller }: Pick<Change, "tx" | "caller">,
  body: unknown,
) {
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
  const asked = newDeployment.parse(body);
  if (asked.replace_dns && !isGlobalAdmin(caller))
    throw new Refusal(
      "forbidden",
      "replace_dns takes over a record that is there already: that needs an admin who is not bound to a tenant",
    );
  const tenant = await holdTenant(tx, asked.tenant_id);
  if (!tenant) throw notFound("tenant", asked.tenant_id);
  const spec = known(specified);
  const wanted = { id, region: asked.region, release, ...spec };
  await refuseOverQuota(tx, tenant, wanted, caller.tenantId === null ? undefined : tenantQuota);
  return { id, by, asked, spec, variables };
}

/** Creates a deployment and, when asked to, starts its saga: in the change's one transaction. */
export async function createDeploymentOf(deps: Dependencies, change: Change, body: unknown): Promise<Changed> {
  const { secrets, sagas } = deps;
  const { tx, caller, now } = change;
  const { id, by, asked: all, spec, variables } = await planned(deps, change, body);
  const { provision, user_data: userData, variables: _, ...asked } = all;
  await createDeployment(
    tx,
    { ...asked, ...spec },
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

const backupsWords = `DigitalOcean backs it up every week, for ${backupsShare * 100} % of what the droplet costs`;

/** What would be made, and what it costs; nothing is written. */
export async function previewDeploymentOf(
  deps: Dependencies,
  by: Pick<Change, "tx" | "caller">,
  body: unknown,
): Promise<DeploymentPreview> {
  const { asked, spec } = await planned(deps, by, body);
  const { hostname, region, release: name } = asked;
  const { image, size_slug, volume } = spec;
  const release = name === undefined ? undefined : await findRelease(by.tx, name);
  const isChecked = asked.health_check !== undefined || (release?.health_check ?? null) !== null;
  const price = (await monthlyPrices(by.tx, [size_slug])).get(size_slug);
  return {
    hostname,
    region,
    size_slug,
    image: presentImage(image),
    does: [
      ...(asked.provision ? [] : ["It is only recorded: nothing of this is made until it is provisioned"]),
      ...(volume ? [`A volume of ${volume.size_gib} GiB (${volume.filesystem}) is made in ${region}`] : []),
      ...(spec.reserved_ip ? await reservationWords(by.tx, region) : []),
      `A droplet is made${name === undefined ? "" : ` from release ${name}`}: ${image}, ${size_slug}, ${region}`,
      ...(release?.backups ? [backupsWords] : []),
      ...(isChecked ? ["It has to answer its health check before anybody is led there"] : []),
      asked.replace_dns
        ? `${hostname} is led to it, in place of the A records that are there`
        : `An A record of ${hostname} is made that leads to it`,
    ],
    monthly_usd: monthlyUsdOf(price, { volume: volume ?? null, backups: release?.backups }),
  };
}

/** The same for a tenant that is made here, as `POST /v1/tenants` would: to be undone by the caller. */
export async function previewWithTenant(
  deps: Dependencies,
  by: Pick<Change, "tx" | "caller">,
  body: unknown,
  slug: string,
): Promise<DeploymentPreview> {
  if (by.caller.tenantId !== null)
    throw new Refusal("forbidden", "new_tenant previews what a new tenant would get: a token of one tenant makes none");
  const made = { ids: deps.ids, now: deps.clock.now() };
  const { id: tenant_id } = await createTenant(by.tx, { slug, name: slug, hostnames: [] }, made);
  const asked = typeof body === "object" ? { ...body, tenant_id } : body;
  const preview = await previewDeploymentOf(deps, by, asked);
  return { ...preview, does: [`Tenant ${slug} is made`, ...preview.does] };
}

/** What an address costs, and how many there may be, where the provider tells. */
async function reservationWords(tx: Tx, region: string): Promise<string[]> {
  const { reserved_ip_limit: limit } = await readProvider(tx);
  const price = `it costs nothing while a droplet has it, and $${unassignedMonthlyUsd} a month while none has`;
  const reserved = `An address is reserved in ${region}: ${price}`;
  return limit === null ? [reserved] : [reserved, `The account may have ${limit} reserved IPs at once`];
}

/** Where nothing is wrong, nothing is missing. */
function known({ image, size_slug, ssh_keys, reserved_ip, volume }: Omit<Specified, "faults">) {
  if (image === undefined || size_slug === undefined) throw new Error("A specification without a fault has no image");
  return { image, size_slug, ssh_keys, reserved_ip, volume };
}
