import type { Tx } from "#db/connection.ts";
import { createDeployment } from "#operations/create-deployment.ts";
import { createTenant } from "#operations/create-tenant.ts";
import type { Check } from "#probes/check.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { otherZone, secrets, type Stage, zone } from "./stage/stage.ts";

/** What a deployment of a proof has that not every one has. */
export interface Wish {
  /** `@`: the zone's own name. */
  readonly host?: string;
  readonly replaceDns?: boolean;
  readonly check?: Check;
  /** By its name; it is there already. */
  readonly release?: string;
  /** By default the cheapest. */
  readonly size?: string;
  /** Of how many GiB. */
  readonly volumeGib?: number;
  readonly filesystem?: "xfs";
  readonly reservedIp?: boolean;
  /** Of whom it is, by its slug; by default it has a tenant of its own. */
  readonly tenant?: string;
  /** Another zone than ours is configured where it is asked for. */
  readonly inOtherZone?: boolean;
}

const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", ssh_keys: [] };

/** A tenant with a deployment that is asked for with `provision: true`. @returns its saga */
export async function deploy(stage: Stage, tx: Tx, name: string, wish: Wish = {}): Promise<string> {
  const {
    host = name,
    replaceDns = false,
    check,
    release,
    volumeGib: size_gib,
    reservedIp = false,
    size: size_slug = spec.size_slug,
    filesystem = "ext4" as const,
    inOtherZone,
  } = wish;
  const now = new Date(stage.scheduler.now());
  const tenantId =
    wish.tenant === undefined
      ? (await createTenant(tx, { slug: name, name, hostnames: [] }, { ids: stage.ids, now })).id
      : (await tx.selectFrom("tenants").select("id").where("slug", "=", wish.tenant).executeTakeFirstOrThrow()).id;
  const ofZone = inOtherZone ? otherZone : zone;
  const id = stage.ids.uuid();
  const at = {
    tenant_id: tenantId,
    name,
    hostname: host === "@" ? ofZone : `${host}.${ofZone}`,
    replace_dns: replaceDns,
  };
  const place = {
    ...at,
    size_slug,
    reserved_ip: reservedIp,
    ...(check && { health_check: check }),
    ...(release !== undefined && { release }),
    ...(size_gib !== undefined && { volume: { size_gib, filesystem } }),
  };
  const sealedUserData = stage.box.seal(secrets.userData, deploymentContext(id));
  await createDeployment(tx, { ...spec, ...place }, { id, now, status: "provisioning", sealedUserData });
  const { provisionDeployment } = inOtherZone ? stage.sagasOfOtherZone : stage.sagas;
  return provisionDeployment(tx, id, host === "@" ? "admin" : "operator");
}

/** A droplet by itself. @returns its saga */
export const makeDroplet = (stage: Stage, tx: Tx, name: string): Promise<string> =>
  stage.sagas.provisionDroplet(tx, { ...spec, name }, stage.box.seal(secrets.userData, dropletContext(name)));
