import type { Tx } from "#db/connection.ts";
import { createDeployment } from "#deployments/create.ts";
import { remove } from "#deployments/requests.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { createTenant } from "#tenants/changes.ts";
import { secrets, type Stage, zone } from "./stage/stage.ts";

/** How one saga begins in a proof. */
export interface Scenario {
  /** Brings about, undisturbed, what the saga starts from. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** Asks for the saga, as the API would. @returns its id */
  readonly start: (stage: Stage, tx: Tx) => Promise<string>;
}

const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", ssh_keys: [] };

/** A tenant with a deployment that is asked for with `provision: true`. @returns its saga */
export async function deploy(stage: Stage, tx: Tx, name: string, host = name): Promise<string> {
  const now = new Date(stage.scheduler.now());
  const tenant = await createTenant(tx, { slug: name, name, hostnames: [] }, { ids: stage.ids, now });
  const id = stage.ids.uuid();
  const place = { tenant_id: tenant.id, name, hostname: `${host}.${zone}`, replace_dns: false };
  const sealedUserData = stage.box.seal(secrets.userData, deploymentContext(id));
  await createDeployment(tx, { ...spec, ...place }, { id, now, status: "provisioning", sealedUserData });
  return stage.sagas.provisionDeployment(tx, id);
}

/** A droplet by itself. @returns its saga */
export const makeDroplet = (stage: Stage, tx: Tx, name: string): Promise<string> =>
  stage.sagas.provisionDroplet(tx, { ...spec, name }, stage.box.seal(secrets.userData, dropletContext(name)));

const commit = <T>(stage: Stage, work: (tx: Tx) => Promise<T>): Promise<T> => stage.db.transaction().execute(work);

/** Runs a saga to its end. */
async function whole(stage: Stage, start: (tx: Tx) => Promise<string>): Promise<void> {
  await stage.perform(commit(stage, start));
  await stage.scheduler.run(() => stage.queueIsEmpty());
}

/** For every saga there is: one without a scenario is not proven, and fails the tests. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  provision_deployment: {
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  deprovision_deployment: {
    prepare: (stage) => whole(stage, (tx) => deploy(stage, tx, "acme")),
    async start(stage, tx) {
      const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
      await remove(tx, stage.sagas, id, { tenantId: null, now: new Date(stage.scheduler.now()) });
      const { saga_id } = await tx.selectFrom("deployments").select("saga_id").executeTakeFirstOrThrow();
      return saga_id ?? "";
    },
  },
  provision_droplet: {
    start: (stage, tx) => makeDroplet(stage, tx, "bastion"),
  },
  destroy_droplet: {
    prepare: (stage) => whole(stage, (tx) => makeDroplet(stage, tx, "bastion")),
    async start(stage, tx) {
      const { provider_id } = await tx.selectFrom("cloud_resources").select("provider_id").executeTakeFirstOrThrow();
      return stage.sagas.destroyDroplet(tx, { providerId: provider_id, unmanaged: false });
    },
  },
};
