import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { deploymentRow, handTo, keepUserData } from "#deployments/lifecycle.ts";
import { cancel, type Desk, resolve, retry, start } from "#engine/commands.ts";
import { dropletOf, nameOf } from "#inventory/registration.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { allSagas } from "./all.ts";
import { deprovisionDeployment } from "./deprovision-deployment.ts";
import { destroyDroplet } from "./destroy-droplet.ts";
import { provisionDeployment } from "./provision-deployment.ts";
import { provisionDroplet } from "./provision-droplet.ts";

/** A droplet to make, as the API was asked for it. */
export interface DropletSpec {
  readonly name: string;
  readonly region: string;
  readonly size_slug: string;
  /** A slug, or an integer id as digits. */
  readonly image: string;
  readonly ssh_keys: readonly (string | number)[];
}

/**
 * The doors to the sagas: start them, and ask something of one that runs. Everything happens inside the
 * caller's transaction, wake-up included, so that a saga exists exactly if the request that asked for it commits.
 */
export interface Sagas {
  /** Starts provision_deployment for a deployment that is already `provisioning`; returns the saga's id. */
  provisionDeployment(tx: Tx, deploymentId: string): Promise<string>;
  /** Starts deprovision_deployment for a deployment that is already `deprovisioning`. */
  deprovisionDeployment(tx: Tx, deploymentId: string): Promise<string>;
  /** `sealedUserData` is stored for the saga and dropped when it ends. */
  provisionDroplet(tx: Tx, spec: DropletSpec, sealedUserData?: Buffer): Promise<string>;
  destroyDroplet(tx: Tx, droplet: { readonly providerId: number; readonly unmanaged: boolean }): Promise<string>;
  /** @throws {SagaRefusal} `saga_ended` or `not_cancellable`. Asking twice is the same as asking once. */
  cancel(tx: Tx, sagaId: string, reason: string): Promise<void>;
  /** Runs a stuck saga on, with fresh deadlines. @throws {SagaRefusal} `not_stuck`. */
  retry(tx: Tx, sagaId: string): Promise<void>;
  /** Closes a stuck saga: what could not be undone counts as done by hand. @throws {SagaRefusal} `not_stuck`. */
  resolve(tx: Tx, sagaId: string, resolution: { readonly reason: string; readonly by: string }): Promise<void>;
}

export interface SagasOptions extends Desk {
  /** The zone in which hostnames are pointed to droplets. */
  readonly zone: string | undefined;
}

const definitionOf = (name: string) => allSagas.get(name);

export function createSagas(options: SagasOptions): Sagas {
  return {
    async provisionDeployment(tx, deploymentId) {
      const deployment = await deploymentRow(tx, deploymentId);
      const { tenant_id, name, hostname, region, size_slug, image, replace_dns } = deployment;
      if (options.zone === undefined) throw new Error("No zone is configured: set ARCADIA_DOMAIN and restart");
      const spec = { name, region, size_slug, image, ssh_keys: sshKeys.parse(deployment.ssh_keys) };
      const user_data = { owner_id: deploymentId, context: deploymentContext(deploymentId) };
      const place = { deployment_id: deploymentId, tenant_id, hostname, zone: options.zone, replace_dns };
      const subject = { deployment_id: deploymentId, tenant_id };
      const id = await start(options, tx, provisionDeployment, { ...spec, ...place, user_data }, subject);
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
      const subject = {
        deployment_id: deploymentId,
        tenant_id,
        ...(droplet && { provider_id: droplet.provider_id }),
      };
      const id = await start(options, tx, deprovisionDeployment, input, subject);
      await handTo(tx, deploymentId, id);
      return id;
    },

    async provisionDroplet(tx, spec, sealedUserData) {
      const user_data = { owner_id: null, context: dropletContext(spec.name) };
      const id = await start(options, tx, provisionDroplet, { ...spec, ssh_keys: [...spec.ssh_keys], user_data });
      if (sealedUserData) await keepUserData(tx, id, sealedUserData, options.clock.now());
      return id;
    },

    async destroyDroplet(tx, { providerId, unmanaged }) {
      const name = await nameOf(tx, providerId);
      const input = { provider_id: providerId, name, unmanaged };
      return start(options, tx, destroyDroplet, input, { provider_id: providerId });
    },

    cancel: (tx, sagaId, reason) => cancel(options, tx, definitionOf, sagaId, reason),
    retry: (tx, sagaId) => retry(options, tx, sagaId),
    resolve: (tx, sagaId, resolution) => resolve(options, tx, definitionOf, sagaId, resolution),
  };
}

const sshKeys = z.array(z.union([z.string(), z.int()]));
