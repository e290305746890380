import type { Tx } from "#db/connection.ts";
import { once } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { refused } from "./hostname-scenarios.ts";
import { adopt, ask, makeByHand } from "./operation-scenarios.ts";
import { commit, grow, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

type Status = "active" | "cancelled" | "deprovisioning";

/** As somebody does it in the database itself, beside the product. */
async function edit(tx: Tx, name: string, status: Status): Promise<void> {
  await tx.updateTable("deployments").set({ status }).where("name", "=", name).execute();
}

/** What has been edited before its saga began to work. */
const editedAtOnce =
  (name: string, start: (tx: Tx) => Promise<string>, status: Status = "cancelled") =>
  async (tx: Tx): Promise<string> => {
    const id = await start(tx);
    await edit(tx, name, status);
    return id;
  };

const hasDroplet = ({ simulator }: Stage, name: string): boolean =>
  simulator.state().droplets.some((it) => it.name.startsWith(`${name}-`));

/** Sagas find their deployment in other hands than theirs, and turn back. */
async function editAll(stage: Stage): Promise<void> {
  await refused(
    stage,
    "not_provisioning",
    editedAtOnce("first", (tx) => deploy(stage, tx, "first")),
  );
  await refused(stage, "not_provisioning", (tx) => {
    once(
      stage,
      () => hasDroplet(stage, "second"),
      () => commit(stage, (then) => edit(then, "second", "cancelled")),
    );
    return deploy(stage, tx, "second");
  });
  await refused(stage, "hostname_not_allowed", async (tx) => {
    const id = await deploy(stage, tx, "third");
    await tx
      .updateTable("tenants")
      .set({ hostnames: ["*.elsewhere.example.com"] })
      .where("slug", "=", "third")
      .execute();
    return id;
  });
  await refused(
    stage,
    "not_provisioning",
    editedAtOnce("web", (tx) => adopt(stage, tx)),
  );
}

export const editedScenarios: Readonly<Record<string, Scenario>> = {
  // Somebody has edited deployments in the database itself while they were made, and this one for a moment.
  "suspend_deployment:edited": {
    saga: "suspend_deployment",
    steps: ["mark_deployment_power"],
    recordsBefore: [{ type: "A", name: "acme", data: "198.18.0.2", ttl: 600 }],
    async prepare(stage) {
      await makeByHand(stage);
      await editAll(stage);
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await grow(stage.scheduler);
      const suspend = (tx: Tx) => ask(stage, tx, "suspend", {}, bystander);
      await refused(stage, "not_active", editedAtOnce(bystander, suspend, "deprovisioning"));
      await stage.perform(commit(stage, (tx) => edit(tx, bystander, "active")));
    },
    start: (stage, tx) => ask(stage, tx, "suspend", {}, bystander),
  },
};
