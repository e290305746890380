import { deploy, grow, removeDeployment, type Scenario, whole } from "./scenarios.ts";

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
};
