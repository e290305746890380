import { checkSpecification } from "#catalogue/check.ts";
import type { Tx } from "#db/connection.ts";
import { violatedUnique } from "#db/violation.ts";
import { type RefusalFault, refuseFaults } from "#refusal.ts";
import { holdTenant, type TenantRow } from "#tenants/queries.ts";
import { type Claimant, claimFault, zoneFault } from "#tenants/hostnames.ts";
import { hostnameHolder, insertDeployment } from "#deployments/queries.ts";
import type { VolumeSpec } from "#volume.ts";

export interface DeploymentInput {
  readonly tenant_id: string;
  readonly name: string;
  readonly hostname: string;
  readonly region: string;
  readonly size_slug: string;
  /** A slug, or an integer id as digits. */
  readonly image: string;
  readonly ssh_keys: readonly (string | number)[];
  readonly replace_dns: boolean;
  readonly protected?: boolean;
  readonly adopted?: boolean;
  readonly reserved_ip?: boolean;
  readonly release?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  /** Its own, instead of its release's. */
  readonly health_check?: object | undefined;
  readonly volume?: VolumeSpec | undefined;
}

/** Every fault that the database can tell, of the fields that are there. `zone` undefined: none is configured. */
export async function checkDeployment(
  tx: Tx,
  asked: { readonly [Field in keyof DeploymentInput]?: DeploymentInput[Field] | undefined },
  limits: { readonly zone: string | undefined; readonly onlyTenant: string | null; readonly by: Claimant },
): Promise<RefusalFault[]> {
  const faults: RefusalFault[] = [];
  const { tenant_id: tenantId, hostname } = asked;
  const mayName = tenantId !== undefined && (limits.onlyTenant ?? tenantId) === tenantId;
  const tenant = mayName ? await holdTenant(tx, tenantId) : undefined;
  if (tenantId !== undefined && !tenant) faults.push({ path: "tenant_id", message: `there is no tenant ${tenantId}` });
  if (hostname !== undefined) {
    // A tenant's own token is told of hostnames as that tenant, whichever it names: what others have is not its business.
    const own = tenant ?? (limits.onlyTenant === null ? undefined : await holdTenant(tx, limits.onlyTenant));
    const message = await hostnameFault(tx, hostname, own, limits);
    if (message) faults.push({ path: "hostname", message });
  }
  if (limits.onlyTenant !== null && asked.release === undefined) faults.push(...keyFaults(asked.ssh_keys ?? []));
  return [...faults, ...(await checkSpecification(tx, asked, limits.onlyTenant))];
}

/** Ids of keys are the account's, and can be guessed: who knows a fingerprint knows the key. A release's are for all tenants. */
const keyFaults = (keys: readonly (string | number)[]): RefusalFault[] =>
  keys.flatMap((key, at) =>
    typeof key === "number"
      ? [{ path: `ssh_keys.${at}`, message: "must be a fingerprint: a tenant's token names no key by its id" }]
      : [],
  );

async function hostnameFault(
  tx: Tx,
  hostname: string,
  tenant: TenantRow | undefined,
  { zone, by }: { readonly zone: string | undefined; readonly by: Claimant },
): Promise<string | undefined> {
  const fault = tenant ? await claimFault(tx, { hostname, tenant, zone, by }) : zoneFault(hostname, zone);
  if (fault) return fault;
  return (await hostnameHolder(tx, hostname)) && `${hostname} is in use by another deployment`;
}

/**
 * Writes a new deployment, in `status`.
 * @throws {Refusal} `validation_failed` at `hostname` when another one took it at the same moment
 */
export async function createDeployment(
  tx: Tx,
  input: DeploymentInput,
  made: {
    readonly id: string;
    readonly now: Date;
    readonly status: "pending" | "provisioning";
    readonly sealedUserData: Buffer | undefined;
  },
): Promise<void> {
  const { id, now, status, sealedUserData } = made;
  const row = {
    ...input,
    id,
    status,
    ssh_keys: JSON.stringify(input.ssh_keys),
    release: input.release ?? null,
    labels: JSON.stringify(input.labels ?? {}),
    health_check: input.health_check ? JSON.stringify(input.health_check) : null,
    volume: input.volume ? JSON.stringify(input.volume) : null,
    created_at: now,
    updated_at: now,
  };
  try {
    await insertDeployment(tx, row, sealedUserData);
  } catch (error) {
    if (violatedUnique(error) === "deployments_hostname")
      refuseFaults([{ path: "hostname", message: `${input.hostname} is in use by another deployment` }], error);
    throw error;
  }
}
