import { secrets, type Stage } from "./stage/stage.ts";
import { deploy } from "./deploy.ts";
import { grow, removeDeployment, type Scenario, whole } from "./scenarios.ts";

const withVolume = { volumeGib: 10 };

/** The product's own sagas, of a deployment that has a volume. */
export const volumeScenarios: Readonly<Record<string, Scenario>> = {
  "provision_deployment:volume": {
    saga: "provision_deployment",
    steps: ["create_volume", "create_droplet"],
    start: (stage, tx) => deploy(stage, tx, "acme", withVolume),
  },
  "deprovision_deployment:volume": {
    saga: "deprovision_deployment",
    steps: ["power_off_droplet", "snapshot_volume", "delete_volume"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme", withVolume));
      await grow(stage.scheduler);
    },
    start: removeDeployment,
  },
  // A detach that was given up on has taken hold, of a droplet that serves.
  attach_volume: {
    saga: "attach_volume",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme", withVolume));
      await grow(stage.scheduler);
      await detachByHand(stage);
    },
    async start(stage, tx) {
      const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
      return stage.sagas.setVolumeRight(tx, id);
    },
  },
};

async function detachByHand({ simulator, scheduler }: Stage): Promise<void> {
  const [volume] = simulator.state().volumes;
  const headers = { authorization: `Bearer ${secrets.token}` };
  const body = JSON.stringify({ type: "detach", droplet_id: volume?.droplet_id });
  await simulator.handle({ method: "POST", path: `/v2/volumes/${volume?.id}/actions`, headers, body });
  await grow(scheduler);
}
