import { makeRecord, once, recordsPath, trouble, troubleIsOver } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import type { RecordLine } from "./invariants.ts";
import { commit, type Scenario } from "./scenarios.ts";
import { bystander } from "./stage/stage.ts";

// Ours has the same TTL: a name's records have one.
const theirs: RecordLine = { type: "A", name: "acme", data: "203.0.113.9", ttl: 60 };
const creates = { method: "POST", path: `^${recordsPath()}$`, kind: "reset" };

/** Hostnames that somebody else points while a deployment is on its way to. */
export const racedScenarios: Readonly<Record<string, Scenario>> = {
  // While its droplet boots.
  "provision_deployment:taken_meanwhile": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    fails: true,
    recordsBefore: [theirs],
    async start(stage, tx) {
      once(
        stage,
        () => stage.simulator.state().droplets.length > 0,
        () => makeRecord(stage, theirs),
      );
      return deploy(stage, tx, "acme");
    },
  },
  // While a create of ours that nobody answered settles; the next one is not answered either, and others read the zone.
  "provision_deployment:outrun": {
    saga: "provision_deployment",
    // Another saga takes the same ones: whose is struck could not be told.
    steps: [],
    fails: true,
    recordsBefore: [theirs],
    async start(stage, tx) {
      await trouble(stage, creates);
      const isOver = () => troubleIsOver(stage);
      once(stage, isOver, async () => {
        await makeRecord(stage, theirs);
        await trouble(stage, { ...creates, after_commit: true });
        once(stage, isOver, () => commit(stage, (then) => deploy(stage, then, bystander)));
      });
      return deploy(stage, tx, "acme");
    },
  },
};
