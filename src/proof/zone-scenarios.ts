import { byHand, later, makeRecord, trouble } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { refused, taken } from "./hostname-scenarios.ts";
import { seenTo } from "./matrix/endings.ts";
import { adopt, makeByHand } from "./operation-scenarios.ts";
import { bystander, type Stage, zone } from "./stage/stage.ts";
import { commit, grow, removeNamed, type Scenario, whole } from "./scenarios.ts";

/** The provider lists as many at once. */
const pageOf = 200;

/** A zone of two pages, in which others have names of their own. */
async function crowd(stage: Stage): Promise<void> {
  for (let each = 0; each < pageOf; each += 1)
    await makeRecord(stage, { type: "TXT", name: `others-${each}`, data: `said ${each}`, ttl: 1800 });
  await makeRecord(stage, { type: "NS", name: "handed", data: "ns1.example.net.", ttl: 1800 });
  await grow(stage.scheduler);
}

const dropZone = (stage: Stage): Promise<unknown> => byHand(stage, "DELETE", `/v2/domains/${zone}`);
/** A look at all there is, and what follows from it. */
const lookMs = 5000;

export const zoneScenarios: Readonly<Record<string, Scenario>> = {
  // Some look for their names by themselves, others for all.
  "provision_deployment:pages_of_records": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    async prepare(stage) {
      await crowd(stage);
      await whole(stage, (tx) => deploy(stage, tx, "below", { host: "app.below" }));
      await grow(stage.scheduler);
      await whole(stage, (tx) => deploy(stage, tx, "apex", { host: "@" }));
      await taken(stage, "handed", { host: "app.handed" });
      // Whether the hostname belongs to a zone of its own is not told at first.
      await trouble(stage, {
        method: "GET",
        path: `^/v2/domains/acme.${zone}$`,
        kind: "status",
        status: 500,
        times: 4,
      });
    },
    async start(stage, tx) {
      const id = await deploy(stage, tx, "acme", { host: "app.acme" });
      await deploy(stage, tx, "more", { host: "more.acme" });
      for (const ms of [5000, 20_000, 40_000])
        later(stage, ms, () =>
          commit(stage, (then) => deploy(stage, then, `after-${ms}`, { host: `after-${ms}.acme` })),
        );
      return id;
    },
  },
  "provision_deployment:no_zone": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning", "point_deployment_dns"],
    fails: true,
    // While its droplet boots a person takes the zone out of the account.
    async start(stage, tx) {
      later(stage, 5000, () => dropZone(stage));
      return deploy(stage, tx, "acme");
    },
  },
  // A person has taken the zone out of the account: what was in it is gone with it.
  "deprovision_deployment:no_zone": {
    saga: "deprovision_deployment",
    steps: ["remove_deployment_dns"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      await dropZone(stage);
      await refused(stage, "zone_missing", (tx) => deploy(stage, tx, bystander));
      await trouble(stage, { method: "GET", path: `^/v2/domains/${zone}$`, kind: "status", status: 500, times: 4 });
    },
    start: (stage, tx) => removeNamed(stage, tx, "acme"),
  },
  // The same, of what is adopted: looks at its zone are not answered, and then tell that there is none.
  "deprovision_deployment:adopted_no_zone": {
    saga: "deprovision_deployment",
    steps: ["wait_led_nowhere", "remove_deployment_dns"],
    async prepare(stage) {
      await makeByHand(stage);
      await whole(stage, (tx) => adopt(stage, tx));
      await grow(stage.scheduler);
      await trouble(stage, {
        method: "GET",
        path: `^/v2/domains/${zone}/records$`,
        kind: "status",
        status: 500,
        times: 3,
      });
      await seenTo(stage, lookMs);
      await dropZone(stage);
      for (const _ of ["once", "twice"]) await seenTo(stage, lookMs);
    },
    async start(stage, tx) {
      await tx.updateTable("deployments").set({ protected: false }).execute();
      return removeNamed(stage, tx, "web");
    },
  },
};
