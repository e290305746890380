import type { Tx } from "#db/connection.ts";
import { claimableDroplet } from "#operations/destroy-droplet.ts";
import { deploy, makeDroplet } from "./deploy.ts";
import { addDroplet } from "./records.ts";
import { grow, removeDeployment, type Scenario, whole } from "./scenarios.ts";
import type { Stage } from "./stage/stage.ts";

/** What is asked for when as much has been destroyed within the hour as may be: an operator lets it begin, or does not (rule 44). */
export const heldScenarios: Readonly<Record<string, Scenario>> = {
  // It had been asked for before, and was withdrawn.
  "deprovision_deployment:held": {
    saga: "deprovision_deployment",
    steps: ["mark_deployment_deprovisioning", "remove_deployment_dns"],
    held: "released",
    async prepare(stage) {
      await active(stage);
      const id = await stage.perform(stage.db.transaction().execute((tx) => removeDeployment(stage, tx, 0)));
      await stage.perform(stage.db.transaction().execute((tx) => stage.sagas.cancel(tx, id, "not that one")));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => removeDeployment(stage, tx, 0),
  },
  // Nothing of it is ever at work.
  "deprovision_deployment:withdrawn": {
    saga: "deprovision_deployment",
    steps: [],
    held: "withdrawn",
    served: "acme.example.com",
    prepare: active,
    start: (stage, tx) => removeDeployment(stage, tx, 0),
  },
  "destroy_droplet:held": {
    saga: "destroy_droplet",
    steps: ["destroy_droplet"],
    held: "released",
    async prepare(stage) {
      await whole(stage, (tx) => makeDroplet(stage, tx, "bastion"));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => destroyHeld(stage, tx, false),
  },
  // Somebody made it beside us, and an admin wants it gone by its id.
  "destroy_droplet:held_unmanaged": {
    saga: "destroy_droplet",
    steps: ["destroy_droplet"],
    held: "released",
    async prepare(stage) {
      await addDroplet(stage, "theirs");
      await grow(stage.scheduler);
    },
    start: (stage, tx) => destroyHeld(stage, tx, true),
  },
};

async function active(stage: Stage): Promise<void> {
  await whole(stage, (tx) => deploy(stage, tx, "acme"));
  await grow(stage.scheduler);
}

/** The only droplet. */
async function destroyHeld({ simulator, sagas }: Stage, tx: Tx, unmanaged: boolean): Promise<string> {
  const [droplet] = simulator.state().droplets;
  const providerId = droplet?.id ?? 0;
  await claimableDroplet(tx, providerId, { unmanaged });
  return sagas.destroyDroplet(tx, { providerId, unmanaged }, { held: true });
}
