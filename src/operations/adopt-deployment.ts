import type { Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { notFound, refuseFaults, type RefusalFault } from "#refusal.ts";
import { hostnameHolder } from "#deployments/queries.ts";
import type { Sagas } from "#sagas/start.ts";
import { knownAt } from "#inventory/zone-records.ts";
import { faultOfAdopted, leadsAway, relativeName } from "#resources/kinds/record-handle.ts";
import { claimFault } from "#tenants/hostnames.ts";
import { holdTenant } from "#tenants/queries.ts";
import { type Adoptable, adoptableDroplet } from "./adoptable-droplet.ts";
import { createDeployment } from "./create-deployment.ts";
import { refuseOverQuota } from "./quota.ts";

export interface AdoptionAsked {
  readonly tenant_id: string;
  readonly provider_id: number;
  readonly hostname: string;
  readonly dns: "keep" | "manage";
}

export interface PlannedAdoption {
  readonly droplet: Adoptable;
  readonly steps: readonly string[];
  /** @returns the id of the deployment */
  start(): Promise<string>;
}

/**
 * Sees whether a droplet that was made elsewhere can become a deployment's, as far as it is known here; its saga looks
 * at the provider before it does anything.
 * @throws {Refusal} `not_found`, `droplet_in_use`, `droplet_deleted`, `quota_exceeded`, `validation_failed` with every fault
 */
export async function planAdoption(
  tx: Tx,
  sagas: Sagas,
  asked: AdoptionAsked,
  { zone, ids, now }: { readonly zone: string | undefined; readonly ids: Ids; readonly now: Date },
): Promise<PlannedAdoption> {
  const { tenant_id, provider_id, hostname, dns } = asked;
  const tenant = await holdTenant(tx, tenant_id);
  if (!tenant) refuseFaults([{ path: "tenant_id", message: `there is no tenant ${tenant_id}` }]);
  if (!tenant) throw notFound("tenant", tenant_id);
  const droplet = await adoptableDroplet(tx, provider_id);
  const isOurZone = zone !== undefined && (hostname === zone || hostname.endsWith(`.${zone}`));
  const faults: RefusalFault[] = [];
  const fault = (message: string | undefined): void => {
    if (message !== undefined) faults.push({ path: "hostname", message });
  };
  // A name that is kept may be anywhere: nothing of ours is written there.
  if (dns === "manage" || isOurZone) fault(await claimFault(tx, { hostname, tenant, zone, by: "admin" }));
  if (await hostnameHolder(tx, hostname)) fault(`${hostname} is in use by another deployment`);
  if (isOurZone && faults.length === 0)
    fault(await recordFault(tx, { zone, hostname, dns, address: droplet.public_ipv4 }));
  refuseFaults(faults);
  const { name, region, size_slug, image, public_ipv4: address } = droplet;
  await refuseOverQuota(tx, tenant, { region, size_slug }, undefined);
  return {
    droplet,
    steps: sagas.adoptionSteps({ isKept: dns === "keep" }),
    async start() {
      const id = ids.uuid();
      const spec = { tenant_id, name, hostname, region, size_slug, image, ssh_keys: [], replace_dns: false };
      const made = { id, now, status: "provisioning", sealedUserData: undefined } as const;
      await createDeployment(tx, { ...spec, protected: true, adopted: true }, made);
      await sagas.adoptDeployment(tx, id, { droplet_id: provider_id, name, address, isKept: dns === "keep" });
      return id;
    },
  };
}

/** By what was last read of the zone; undefined also while it was never read. */
async function recordFault(
  tx: Tx,
  it: {
    readonly zone: string;
    readonly hostname: string;
    readonly dns: "keep" | "manage";
    readonly address: string;
  },
): Promise<string | undefined> {
  const name = relativeName(it.hostname, it.zone);
  const known = await knownAt(tx, it.zone, name);
  if (!known) return undefined;
  const away = known.find((record) => leadsAway(record, name));
  if (away) return `is led elsewhere by the ${away.type} record of ${away.name} (${away.data})`;
  const here = known.filter((record) => record.name === name && ["A", "AAAA", "CNAME"].includes(record.type));
  if (it.dns === "keep") return here.length > 1 ? `${it.hostname} has ${here.length} records` : undefined;
  return faultOfAdopted(it, here);
}
