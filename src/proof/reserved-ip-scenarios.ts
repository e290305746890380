import { deploy } from "./deploy.ts";
import { grow, removeDeployment, type Scenario, whole } from "./scenarios.ts";

/** What is otherwise for a deployment whose address outlives its droplet. */
export const reservedIpScenarios: Readonly<Record<string, Scenario>> = {
  "provision_deployment:reserved_ip": {
    saga: "provision_deployment",
    steps: ["reserve_ip", "assign_reserved_ip", "point_deployment_dns"],
    start: (stage, tx) => deploy(stage, tx, "acme", { reservedIp: true }),
  },
  "deprovision_deployment:reserved_ip": {
    saga: "deprovision_deployment",
    steps: ["remove_deployment_dns", "destroy_droplet", "release_reserved_ip"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme", { reservedIp: true }));
      await grow(stage.scheduler);
    },
    start: removeDeployment,
  },
};
