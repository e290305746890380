import { recordHandle } from "#resources/kinds/record-handle.ts";
import { later, once } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { addressOf, shown } from "./hostname-scenarios.ts";
import { changeRecord } from "./records.ts";
import { denyNothing, grow, recordRow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const minute = 60_000;

/** A deployment that has its hostname for a while. @returns its record */
async function deployed(stage: Stage, name: string, host = name) {
  await whole(stage, (tx) => deploy(stage, tx, name, { host }));
  await grow(stage.scheduler);
  const { provider_id: id, handle } = await stage.perform(recordRow(stage.db));
  return { ...recordHandle.parse(handle), id: Number(id) };
}

/** Records that were ours, or are, and stand where nobody expects them. */
export const onceOursScenarios: Readonly<Record<string, Scenario>> = {
  // What the hostname's last deployment had, and is gone, listings show again for a while.
  "provision_deployment:shown_again": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning", "point_deployment_dns"],
    async prepare(stage) {
      const { id, type, name, data, ttl } = await deployed(stage, "former", "acme");
      await whole(stage, (tx) => removeNamed(stage, tx, "former"));
      await grow(stage.scheduler);
      await shown(stage, 4, { id, type, name, data, ttl });
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // While its droplet boots listings show one that is gone, and that it leads to that very address.
  "provision_deployment:led_again": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    fails: true,
    async prepare(stage) {
      await deployed(stage, bystander);
      await whole(stage, (tx) => removeNamed(stage, tx, bystander));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const { provider_id, handle } = await recordRow(tx);
      const { type, name, ttl } = recordHandle.parse(handle);
      once(
        stage,
        () => addressOf(stage, "acme") !== null,
        async () => {
          await shown(stage, 100, { id: Number(provider_id), type, name, ttl, data: addressOf(stage, "acme") });
          later(stage, 5 * minute, () => denyNothing(stage));
        },
      );
      return deploy(stage, tx, "acme");
    },
  },
  // A person has given its record another name, and an admin has that hostname taken over for another deployment.
  "deprovision_deployment:overtaken": {
    saga: "deprovision_deployment",
    steps: ["remove_deployment_dns"],
    async prepare(stage) {
      const { id, ...record } = await deployed(stage, "former");
      await changeRecord(stage, id, { ...record, name: "acme" });
      await grow(stage.scheduler);
      await whole(stage, (tx) => deploy(stage, tx, "acme", { replaceDns: true }));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => removeNamed(stage, tx, "former"),
  },
};
