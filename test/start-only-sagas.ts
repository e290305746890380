import { z } from "zod";
import type { Clock } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { handTo } from "#deployments/lifecycle.ts";
import { cancel, type Desk, resolve, retry, start, type Subject } from "#engine/commands.ts";
import { Saga } from "#engine/saga.ts";
import type { Ids } from "#ids.ts";
import type { Sagas } from "#sagas/start.ts";

const step = <Name extends string>(name: Name) => ({
  name,
  writes: z.object({}),
  execute: async () => ({}),
  compensate: async () => undefined,
});

const define = (name: string, options = {}) =>
  new Saga(name, z.unknown(), options).step(step("first")).step(step("second"));

const definitions = {
  provision_deployment: define("provision_deployment"),
  deprovision_deployment: define("deprovision_deployment", { forwardOnly: true }),
  provision_droplet: define("provision_droplet"),
  destroy_droplet: define("destroy_droplet", { forwardOnly: true }),
};

const byName = new Map<string, (typeof definitions)[keyof typeof definitions]>(Object.entries(definitions));

/** The engine's own doors, with sagas of empty steps that no worker runs: what the API does to them stays to be seen. */
export function startOnlySagas(clock: Clock, ids: Ids): Sagas {
  const desk: Desk = { clock, ids, wakeUps: { wake: async () => undefined } };
  const begin = (tx: Tx, name: keyof typeof definitions, subject: Subject = {}) =>
    start(desk, tx, definitions[name], {}, subject);
  const beginFor = async (tx: Tx, name: keyof typeof definitions, deploymentId: string) => {
    const { tenant_id } = await tx
      .selectFrom("deployments")
      .select("tenant_id")
      .where("id", "=", deploymentId)
      .executeTakeFirstOrThrow();
    const id = await begin(tx, name, { deployment_id: deploymentId, tenant_id });
    await handTo(tx, deploymentId, id);
    return id;
  };
  return {
    provisionDeployment: (tx, id) => beginFor(tx, "provision_deployment", id),
    deprovisionDeployment: (tx, id) => beginFor(tx, "deprovision_deployment", id),
    async provisionDroplet(tx, _spec, sealed) {
      const id = await begin(tx, "provision_droplet");
      if (sealed)
        await tx.insertInto("sealed_user_data").values({ owner_id: id, sealed, created_at: clock.now() }).execute();
      return id;
    },
    destroyDroplet: (tx, { providerId }) => begin(tx, "destroy_droplet", { provider_id: providerId }),
    cancel: (tx, id, reason) => cancel(desk, tx, (name) => byName.get(name), id, reason),
    retry: (tx, id) => retry(desk, tx, id),
    resolve: (tx, id, resolution) => resolve(desk, tx, (name) => byName.get(name), id, resolution),
  };
}
