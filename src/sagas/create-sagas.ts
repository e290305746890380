import { z } from "zod";
import { deploymentRow, handTo, keepUserData, stayActive } from "#deployments/lifecycle.ts";
import { assembledUserData, telling } from "#deployments/user-data.ts";
import type { Tx } from "#db/connection.ts";
import { cancel, releaseHold, resolve, retry } from "#engine/commands.ts";
import { type Desk, start, type Subject } from "#engine/start.ts";
import { dropletOf, nameOf } from "#inventory/registration.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { leaveChanges } from "#resources/changes.ts";
import { abandon } from "#resources/ledger.ts";
import { heldOfKind } from "#resources/rows.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { defaultKeepDays } from "#keep-days.ts";
import { expiredSnapshots } from "#snapshots/queries.ts";
import { volumeOf } from "#volume.ts";
import { adoptDeployment } from "./adopt-deployment.ts";
import { allSagas } from "./all.ts";
import { attachVolume } from "./attach-volume.ts";
import { leadRecordBack } from "./lead-record-back.ts";
import { deprovisionDeployment } from "./deprovision-deployment.ts";
import { claimLeftover, handOverDeployment, handOverDroplet, handOverSnapshot } from "./hand-over.ts";
import { deleteSnapshot } from "./delete-snapshot.ts";
import { destroyDroplet } from "./destroy-droplet.ts";
import { parkDeployment } from "./park-deployment.ts";
import { planOperation, setPowerRight } from "./operations/plan.ts";
import { provisionDeployment } from "./provision-deployment.ts";
import { provisionDroplet } from "./provision-droplet.ts";
import { runOf } from "./run-of.ts";
import { removeLeftover } from "./remove-leftover.ts";
import { unparkDeployment } from "./unpark-deployment.ts";
import { volumeIn } from "./volume-in.ts";
import type { Holding, Sagas } from "./start.ts";

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
      const { tenant_id, name, hostname, region, size_slug, image, replace_dns, volume } = deployment;
      if (options.zone === undefined) throw new Error("No zone is configured: set ARCADIA_DOMAIN and restart");
      const runs = await runOf(tx, deployment);
      const spec = { name, region, size_slug, image, ssh_keys: sshKeys.parse(deployment.ssh_keys), ...runs };
      const { secrets } = options;
      const told = await assembledUserData(tx, secrets, await telling(tx, secrets, deployment));
      const context = deploymentContext(deploymentId);
      // What is assembled is the saga's own copy: what changes meanwhile is for the next droplet.
      const user_data = { owner_id: told === undefined ? deploymentId : null, context };
      const whose = { deployment_id: deploymentId, tenant_id };
      const { reserved_ip } = deployment;
      const where = { hostname, zone: options.zone, replace_dns, claimed_by, reserved_ip };
      const place = { ...whose, ...where, volume: volumeOf(volume) };
      const id = await start(options, tx, provisionDeployment, { ...spec, ...place, user_data }, alone(whose));
      if (told !== undefined) await keepUserData(tx, id, secrets.seal(told, context), options.clock.now());
      await handTo(tx, deploymentId, id);
      return id;
    },

    async deprovisionDeployment(tx, deploymentId, { held, keep_snapshot_days: days } = atOnce) {
      const deployment = await deploymentRow(tx, deploymentId);
      const { tenant_id, adopted, reserved_ip } = deployment;
      const droplet = await dropletOf(tx, deploymentId);
      const input = {
        deployment_id: deploymentId,
        adopted,
        zone: options.zone ?? null,
        address: droplet?.public_ipv4 ?? null,
        provider_id: droplet?.provider_id ?? null,
        name: droplet?.name ?? null,
        unmanaged: false,
        volume: await volumeIn(tx, deployment, days ?? defaultKeepDays),
        reserved_ip,
      };
      const columns = {
        deployment_id: deploymentId,
        tenant_id,
        ...(droplet && { provider_id: droplet.provider_id }),
      };
      const id = await start(options, tx, deprovisionDeployment, input, alone(columns), held ? tooMany : undefined);
      if (!held) await handOverDeployment(tx, deploymentId, id);
      await handTo(tx, deploymentId, id);
      return id;
    },

    adoptionSteps({ isKept }) {
      const of = { deployment_id: "", tenant_id: "", hostname: "", droplet_id: 0, name: "", address: "" };
      return adoptDeployment.plan({ ...of, zone: isKept ? null : "" }).steps.map(({ name }) => name);
    },

    async adoptDeployment(tx, deploymentId, { isKept, ...droplet }) {
      const { tenant_id, hostname } = await deploymentRow(tx, deploymentId);
      const of = { deployment_id: deploymentId, tenant_id, hostname, zone: isKept ? null : (options.zone ?? null) };
      const columns = { deployment_id: deploymentId, tenant_id, provider_id: droplet.droplet_id };
      const id = await start(options, tx, adoptDeployment, { ...of, ...droplet }, alone(columns));
      await handTo(tx, deploymentId, id);
      return id;
    },

    planOperation: (tx, of, body) => planOperation(options, tx, of, body),

    setPowerRight: (tx, deploymentId) => setPowerRight(options, tx, deploymentId),

    async setVolumeRight(tx, deploymentId) {
      const { tenant_id } = await deploymentRow(tx, deploymentId);
      const held = async (kind: string) => (await heldOfKind(tx, kind, [deploymentId])).get(deploymentId)?.provider_id;
      const [droplet, volume] = [await held(dropletKind), await held(volumeKind)];
      if (!droplet || !volume)
        throw new Error(`Deployment ${deploymentId} has no volume, or no droplet to attach it to`);
      const columns = { deployment_id: deploymentId, tenant_id };
      const input = { ...columns, droplet_id: Number(droplet), volume_id: volume };
      return start(options, tx, attachVolume, input, alone(columns));
    },

    leadRecordBack: (tx, input) =>
      start(
        options,
        tx,
        leadRecordBack,
        input,
        alone({ deployment_id: input.deployment_id, tenant_id: input.tenant_id }),
      ),

    async expireSnapshots(tx, limit) {
      const expired = await expiredSnapshots(tx, options.clock.now(), limit);
      for (const { id, tenant_id, deployment_id, kind } of expired) {
        const input = { snapshot_id: id, deployment_id, kind };
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

    async destroyDroplet(tx, { providerId, unmanaged, name: given, tag }, { held } = atOnce) {
      const name = given ?? (await nameOf(tx, providerId));
      const input = { provider_id: providerId, name, unmanaged };
      const about = alone({ provider_id: providerId });
      const id = await start(options, tx, destroyDroplet, input, about, held ? tooMany : undefined);
      if (held) return id;
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

    async cancel(tx, sagaId, reason) {
      if (await cancel(options, tx, sagaId, reason)) await stayActive(tx, sagaId, options.clock.now());
    },
    releaseHold: (tx, sagaId) => letGo(options, tx, sagaId),
    retry: (tx, sagaId) => retry(options, tx, sagaId),
    async resolve(tx, sagaId, resolution) {
      const byHand = await resolve(options, tx, { definitionOf, endsByHand }, sagaId, resolution);
      await abandon(tx, sagaId, byHand.steps, options.clock.now());
      await leaveChanges(tx, sagaId, byHand, options.clock.now());
    },
  };
}

const atOnce: Holding = { held: false };
const tooMany = {
  reason: "an admin: more is being destroyed in this hour than ARCADIA_DESTROYS_PER_HOUR allows; nothing was done",
};

/** What a held saga is to destroy becomes its own only now: until then nothing has changed, and it can be withdrawn. */
async function letGo(options: SagasOptions, tx: Tx, sagaId: string): Promise<string | null> {
  const { deployment_id: deploymentId, input } = await releaseHold(options, tx, sagaId);
  if (deploymentId !== null) await handOverDeployment(tx, deploymentId, sagaId);
  else {
    const { provider_id: providerId, unmanaged, name } = destroyDroplet.input.parse(input);
    if (providerId === null) throw new Error(`Saga ${sagaId} does not say which droplet it destroys`);
    const saga = { id: sagaId, ids: options.ids, now: options.clock.now() };
    await handOverDroplet(tx, { providerId, unmanaged, name }, saga);
  }
  return deploymentId;
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

const sshKeys = z.array(z.union([z.string(), z.int()]));
