import { z } from "zod";
import { deploymentRow, handTo, keepUserData } from "#deployments/lifecycle.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import { assembledUserData, telling } from "#deployments/user-data.ts";
import type { Tx } from "#db/connection.ts";
import { cancel, resolve, retry } from "#engine/commands.ts";
import { type Desk, start, type Subject } from "#engine/start.ts";
import { readSteps } from "#engine/store.ts";
import { dropletOf, nameOf } from "#inventory/registration.ts";
import { abandon } from "#resources/ledger.ts";
import { storedCheck } from "#probes/check.ts";
import { findRelease, type ReleaseRow } from "#releases/queries.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { expiredSnapshots } from "#snapshots/queries.ts";
import { allSagas } from "./all.ts";
import { deprovisionDeployment } from "./deprovision-deployment.ts";
import { claimLeftover, handOverDeployment, handOverDroplet, handOverSnapshot } from "./hand-over.ts";
import { deleteSnapshot } from "./delete-snapshot.ts";
import { destroyDroplet } from "./destroy-droplet.ts";
import { parkDeployment } from "./park-deployment.ts";
import { planOperation, setPowerRight } from "./operations/plan.ts";
import { provisionDeployment } from "./provision-deployment.ts";
import { provisionDroplet } from "./provision-droplet.ts";
import { removeLeftover } from "./remove-leftover.ts";
import { unparkDeployment } from "./unpark-deployment.ts";
import type { Sagas } from "./start.ts";

export interface SagasOptions extends Desk {
  /** The zone in which hostnames are pointed to droplets. */
  readonly zone: string | undefined;
  /** Opens and seals what droplets are told. */
  readonly secrets: SecretBox;
}

const definitionOf = (name: string) => allSagas.get(name);

/** The end of a deployment's saga moves the deployment: that cannot be done by hand, only tried again. */
const endsByHand = (saga: { readonly deployment_id: string | null }): boolean => saga.deployment_id === null;

/** One live saga a deployment, and one a droplet. */
const alone = (columns: Subject["columns"]): Subject => ({ columns, alone: ["deployment_id", "provider_id"] });

export function createSagas(options: SagasOptions): Sagas {
  return {
    async provisionDeployment(tx, deploymentId, claimed_by) {
      const deployment = await deploymentRow(tx, deploymentId);
      const { tenant_id, name, hostname, region, size_slug, image, replace_dns } = deployment;
      if (options.zone === undefined) throw new Error("No zone is configured: set ARCADIA_DOMAIN and restart");
      const runs = await runOf(tx, deployment);
      const spec = { name, region, size_slug, image, ssh_keys: sshKeys.parse(deployment.ssh_keys), ...runs };
      const { secrets } = options;
      const told = await assembledUserData(tx, secrets, await telling(tx, secrets, deployment));
      const context = deploymentContext(deploymentId);
      // What is assembled is the saga's own copy: what changes meanwhile is for the next droplet.
      const user_data = { owner_id: told === undefined ? deploymentId : null, context };
      const place = { deployment_id: deploymentId, tenant_id, hostname, zone: options.zone, replace_dns, claimed_by };
      const columns = { deployment_id: deploymentId, tenant_id };
      const id = await start(options, tx, provisionDeployment, { ...spec, ...place, user_data }, alone(columns));
      if (told !== undefined) await keepUserData(tx, id, secrets.seal(told, context), options.clock.now());
      await handTo(tx, deploymentId, id);
      return id;
    },

    async deprovisionDeployment(tx, deploymentId) {
      const { tenant_id } = await deploymentRow(tx, deploymentId);
      const droplet = await dropletOf(tx, deploymentId);
      const input = {
        deployment_id: deploymentId,
        provider_id: droplet?.provider_id ?? null,
        name: droplet?.name ?? null,
        unmanaged: false,
      };
      const columns = {
        deployment_id: deploymentId,
        tenant_id,
        ...(droplet && { provider_id: droplet.provider_id }),
      };
      const id = await start(options, tx, deprovisionDeployment, input, alone(columns));
      await handOverDeployment(tx, deploymentId, id);
      await handTo(tx, deploymentId, id);
      return id;
    },

    planOperation: (tx, of, body) => planOperation(options, tx, of, body),

    setPowerRight: (tx, deploymentId) => setPowerRight(options, tx, deploymentId),

    async expireSnapshots(tx, limit) {
      const expired = await expiredSnapshots(tx, options.clock.now(), limit);
      for (const { id, tenant_id, deployment_id } of expired) {
        const input = { snapshot_id: id, deployment_id };
        await handOverSnapshot(tx, id, await start(options, tx, deleteSnapshot, input, alone({ tenant_id })));
      }
      return expired.length;
    },

    async provisionDroplet(tx, spec, sealedUserData) {
      const user_data = { owner_id: null, context: dropletContext(spec.name) };
      const id = await start(options, tx, provisionDroplet, {
        ...spec,
        ssh_keys: [...spec.ssh_keys],
        features: {},
        user_data,
      });
      if (sealedUserData) await keepUserData(tx, id, sealedUserData, options.clock.now());
      return id;
    },

    async destroyDroplet(tx, { providerId, unmanaged, name: given, tag }) {
      const name = given ?? (await nameOf(tx, providerId));
      const input = { provider_id: providerId, name, unmanaged };
      const id = await start(options, tx, destroyDroplet, input, alone({ provider_id: providerId }));
      await handOverDroplet(
        tx,
        { providerId, unmanaged, name, tag },
        { id, ids: options.ids, now: options.clock.now() },
      );
      return id;
    },

    async removeLeftover(tx, row, id) {
      const saga = await start(options, tx, removeLeftover, { kind: row.kind, id });
      await claimLeftover(tx, row, id, { id: saga, ids: options.ids, now: options.clock.now() });
      return saga;
    },
    park: (tx, deploymentId, parking) => startParking(options, tx, parkDeployment, { deploymentId, parking }),
    unpark: (tx, deploymentId, parking) => startParking(options, tx, unparkDeployment, { deploymentId, parking }),

    cancel: (tx, sagaId, reason) => cancel(options, tx, sagaId, reason),
    retry: (tx, sagaId) => retry(options, tx, sagaId),
    async resolve(tx, sagaId, resolution) {
      const undone = await givenUp(tx, sagaId);
      await resolve(options, tx, { definitionOf, endsByHand }, sagaId, resolution);
      await abandon(tx, sagaId, undone, options.clock.now());
    },
  };
}

async function startParking(
  options: SagasOptions,
  tx: Tx,
  definition: typeof parkDeployment | typeof unparkDeployment,
  { deploymentId, parking }: { readonly deploymentId: string; readonly parking: string },
): Promise<string> {
  const { tenant_id, hostname } = await deploymentRow(tx, deploymentId);
  const droplet = await dropletOf(tx, deploymentId);
  if (!droplet) throw new Error(`Deployment ${deploymentId} has no droplet whose record could be parked`);
  const { provider_id, region, public_ipv4: address } = droplet;
  const input = { deployment_id: deploymentId, hostname, provider_id, region, address, parking };
  return start(options, tx, definition, input, alone({ deployment_id: deploymentId, tenant_id }));
}

/** The steps of a stuck saga whose work an operator has done by hand. */
async function givenUp(tx: Tx, sagaId: string): Promise<string[]> {
  const steps = await readSteps(tx, sagaId);
  return steps.filter(({ status }) => status === "compensation_failed" || status === "failed").map(({ name }) => name);
}

const sshKeys = z.array(z.union([z.string(), z.int()]));

/** What a droplet of the deployment runs: copied into its saga, so that it does what was asked for when it began. */
export async function runOf(tx: Tx, deployment: DeploymentRow) {
  const release = deployment.release === null ? undefined : await findRelease(tx, deployment.release);
  const check = deployment.health_check ?? release?.health_check ?? null;
  return {
    release: deployment.release,
    features: featuresOf(release),
    health_check: storedCheck.nullable().parse(check),
  };
}

const featuresOf = (release: ReleaseRow | undefined) => ({
  ...(release?.monitoring && { monitoring: true }),
  ...(release?.ipv6 && { ipv6: true }),
  ...(release?.backups && { backups: true }),
  ...(release?.vpc_uuid && { vpc_uuid: release.vpc_uuid }),
});
