import { z } from "zod";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { byHand, later, makeRecord, oddly, recordsPath } from "./by-hand.ts";
import { adopt, makeByHand, operationScenarios } from "./operation-scenarios.ts";
import { denyNothing, grow, removeDeployment, type Scenario, scenarios, whole } from "./scenarios.ts";
import type { Stage } from "./stage/stage.ts";

/** ARCADIA_DNS_DRAIN=off: nobody waits until a record that is gone, or leads elsewhere, is believed no more. */
const timing = { drain: false };
const takenAwayMs = 5 * 60_000;
const records = z.array(z.looseObject({ id: z.int() }));

/** A person has led a name to the droplet, by a record whose TTL listings do not tell, and takes it away in some minutes. */
async function takeAway(stage: Stage): Promise<void> {
  const id = stage.simulator.state().domains[0]?.records.find(({ name }) => name === "also")?.id;
  await oddly(stage, recordsPath(), 100, (listed) => ({
    ...listed,
    domain_records: records.parse(listed.domain_records).map((it) => (it.id === id ? { ...it, ttl: null } : it)),
  }));
  later(stage, takenAwayMs, async () => {
    await denyNothing(stage);
    stage.person.theirs.delete(`${recordKind} ${id}`);
    await byHand(stage, "DELETE", `${recordsPath()}/${id}`);
  });
}

const alsoLed: Scenario = {
  saga: "deprovision_deployment",
  steps: ["wait_led_nowhere"],
  async prepare(stage) {
    await makeByHand(stage);
    await whole(stage, (tx) => adopt(stage, tx));
    const [droplet] = stage.simulator.state().droplets;
    await makeRecord(stage, { type: "A", name: "also", data: droplet?.public_ipv4 ?? "", ttl: 1800 });
    await grow(stage.scheduler);
  },
  async start(stage, tx) {
    await takeAway(stage);
    await tx.updateTable("deployments").set({ protected: false }).execute();
    return removeDeployment(stage, tx);
  },
};

const { "provision_deployment:replace_dns": takeOver, deprovision_deployment: removal } = scenarios;
const { replace_deployment: replace } = operationScenarios;

/** What waits for those who are led somewhere by a record, and the same where nobody waits. */
export const undrainedScenarios: Readonly<Record<string, Scenario>> = {
  "deprovision_deployment:also_led": alsoLed,
  "deprovision_deployment:also_led_undrained": { ...alsoLed, steps: ["terminate_deployment"], timing },
  ...(removal && {
    "deprovision_deployment:undrained": {
      ...removal,
      steps: ["power_off_droplet", "remove_deployment_dns"],
      timing,
    },
  }),
  ...(takeOver && { "provision_deployment:undrained": { ...takeOver, timing } }),
  ...(replace && { "replace_deployment:undrained": { ...replace, steps: ["point_deployment_dns"], timing } }),
};
