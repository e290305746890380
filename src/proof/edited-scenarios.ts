import type { Tx } from "#db/connection.ts";
import { once } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { refused } from "./hostname-scenarios.ts";
import { adopt, ask, makeByHand } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { commit, grow, removeNamed, type Scenario, whole } from "./scenarios.ts";
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

/** What is stuck by an edit is set right, and goes on. */
async function setRight(stage: Stage, stuck: string, name: string, status: Status): Promise<void> {
  await whole(stage, async (tx) => {
    await edit(tx, name, status);
    await stage.sagas.retry(tx, stuck);
    return stuck;
  });
  await grow(stage.scheduler);
}

/** Those that only go forward, or cannot be led back any more, wait for a person. */
async function stickAll(stage: Stage): Promise<void> {
  for (const name of ["v1", "v2"])
    await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, name, { rollback_safe: true })));
  await whole(stage, (tx) => deploy(stage, tx, "fourth", { release: "v1" }));
  await grow(stage.scheduler);
  const replace = { bake_seconds: 15, discard_disk: true, release: "v2" };
  const replaced = editedAtOnce("fourth", (tx) => ask(stage, tx, "replace", replace, "fourth"), "deprovisioning");
  await setRight(stage, await refused(stage, "not_active", replaced), "fourth", "active");
  const removed = editedAtOnce("fourth", (tx) => removeNamed(stage, tx, "fourth"));
  const removal = await refused(stage, "not_deprovisioning", removed);
  once(
    stage,
    () => !hasDroplet(stage, "fourth"),
    () => commit(stage, (tx) => edit(tx, "fourth", "cancelled")),
  );
  for (const _ of ["as it begins", "as it ends"]) await setRight(stage, removal, "fourth", "deprovisioning");
}

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
    editedAtOnce("web", (tx) => adopt(stage, tx, { slug: "fifth" })),
  );
  await refused(stage, "not_provisioning", (tx) => {
    const isTagged = () => stage.simulator.state().droplets.some(({ name, tags }) => name === "web" && tags.length > 0);
    once(stage, isTagged, () => commit(stage, (then) => edit(then, "web", "cancelled")));
    return adopt(stage, tx);
  });
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
      await stickAll(stage);
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await grow(stage.scheduler);
      const suspend = (tx: Tx) => ask(stage, tx, "suspend", {}, bystander);
      await refused(stage, "not_active", editedAtOnce(bystander, suspend, "deprovisioning"));
      await stage.perform(commit(stage, (tx) => edit(tx, bystander, "active")));
    },
    start: (stage, tx) => ask(stage, tx, "suspend", {}, bystander),
  },
};
