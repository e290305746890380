import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { byHand, later, makeRecord, once, recordsPath, trouble, troubleIsOver } from "./by-hand.ts";
import { volumeHandle, volumeKind } from "#resources/kinds/volume-handle.ts";
import { deploy, makeDroplet } from "./deploy.ts";
import { cancelLive, seenTo } from "./matrix/endings.ts";
import { ask } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { commit, grow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const madeVolume = z.object({ volume: z.object({ id: z.string() }) });
const minute = 60_000;
const actions = "/actions$";
const larger = { size_slug: "s-1vcpu-1gb" };
const usual = { size_slug: "s-1vcpu-512mb-10gb" };
const replacing = { bake_seconds: 15, discard_disk: true };

async function deployOne(stage: Stage): Promise<void> {
  await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
  await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1" }));
  await grow(stage.scheduler);
}

/** Nobody answers this change, which is not made, and while that is found out an operator gives its saga up. */
async function giveUp(
  stage: Stage,
  change: { readonly method: string; readonly path: string; readonly times?: number },
  start: (tx: Tx) => Promise<string>,
): Promise<void> {
  await trouble(stage, { ...change, kind: "reset" });
  once(
    stage,
    () => troubleIsOver(stage),
    () => cancelLive(stage),
  );
  await whole(stage, start);
}

const all = ["acme", bystander, `${bystander}-too`];

const only = ({ simulator }: Stage) => simulator.state().droplets[0];

const byAction = (stage: Stage, body: object) => byHand(stage, "POST", `/v2/droplets/${only(stage)?.id}/actions`, body);

export const givenUpScenarios: Readonly<Record<string, Scenario>> = {
  // Whatever of it was given up is looked at again.
  "resize_deployment:looked_at_again": {
    saga: "resize_deployment",
    steps: ["bring_size"],
    calmMs: 20 * minute,
    prepare: deployOne,
    start: (stage, tx) => ask(stage, tx, "resize", larger),
  },
  // A resize that was given up has taken hold all the same: it is kept at first, and then not.
  "provision_deployment:late_size": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    calmMs: 5000,
    async prepare(stage) {
      await deployOne(stage);
      const isOff = () => only(stage)?.status === "off";
      once(stage, isOff, () => trouble(stage, { method: "POST", path: actions, kind: "reset" }));
      later(stage, minute, () => cancelLive(stage));
      await whole(stage, (tx) => ask(stage, tx, "resize", larger));
      await byAction(stage, { type: "power_off" });
      await grow(stage.scheduler);
      await byAction(stage, { type: "resize", size: larger.size_slug, disk: false });
      await grow(stage.scheduler);
      await byAction(stage, { type: "power_on" });
      await grow(stage.scheduler);
      await seenTo(stage, 5000);
      await grow(stage.scheduler, 16 * minute);
      for (const size of [larger, usual]) {
        await whole(stage, (tx) => ask(stage, tx, "resize", size));
        await grow(stage.scheduler);
      }
    },
    start: (stage, tx) => deploy(stage, tx, "more"),
  },
  // A shutdown that was given up takes hold, and while it is looked at again the deployment is being replaced.
  "replace_deployment:late_power": {
    saga: "replace_deployment",
    steps: ["wait_new_droplet_healthy"],
    calmMs: 5 * minute,
    async prepare(stage) {
      await deployOne(stage);
      await giveUp(stage, { method: "POST", path: actions }, (tx) => ask(stage, tx, "resize", larger));
      await grow(stage.scheduler, 13 * minute);
    },
    async start(stage, tx) {
      const id = await ask(stage, tx, "replace", { ...replacing, bake_seconds: 240 });
      later(stage, 5000, () => byAction(stage, { type: "power_off" }));
      return id;
    },
  },
  // A change of its record was given up, and by the time that it is looked at again there is no record any more.
  "deprovision_deployment:changed_before": {
    saga: "deprovision_deployment",
    steps: ["remove_deployment_dns"],
    calmMs: 18 * minute,
    async prepare(stage) {
      await deployOne(stage);
      await giveUp(stage, { method: "PUT", path: "/records/", times: 4 }, (tx) => ask(stage, tx, "replace", replacing));
    },
    start: (stage, tx) => removeNamed(stage, tx, "acme"),
  },
  // A person leads a hostname of theirs to the old droplet, too, and for a while does not see that it is to be destroyed.
  "replace_deployment:shared_address": {
    saga: "replace_deployment",
    steps: ["retire_droplet"],
    prepare: deployOne,
    async start(stage, tx) {
      const data = only(stage)?.public_ipv4 ?? "";
      const made = await makeRecord(stage, { type: "A", name: "theirs", data, ttl: 300 });
      once(
        stage,
        () => stage.logged.some((line) => line.includes("Change the record, or delete it")),
        () =>
          byHand(stage, "PUT", `${recordsPath()}/${made}`, {
            type: "A",
            name: "theirs",
            data: "203.0.113.66",
            ttl: 300,
          }),
      );
      return ask(stage, tx, "replace", replacing);
    },
  },
  // While three are replaced at once, nothing that is behind our way answers for a while.
  "replace_deployment:way_down": {
    saga: "replace_deployment",
    steps: ["bake"],
    async prepare(stage) {
      await stage.perform(
        commit(stage, async (tx) => {
          await makeRelease(stage, tx, "v1", { rollback_safe: true });
          for (const name of all) await deploy(stage, tx, name, { release: "v1" });
        }),
      );
      await stage.scheduler.run(stage.isQuiet);
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const does = (ms: number, state: "slow" | "well") =>
        later(stage, ms, () => byHand(stage, "POST", "/_sim/apps", { state }));
      does(minute, "slow");
      does(2 * minute, "well");
      const ids: string[] = [];
      for (const name of all) ids.push(await ask(stage, tx, "replace", replacing, name));
      return ids[0] ?? "";
    },
  },
  // A volume that was given up is listed when that is looked at again, and not shown by its id before the next look.
  "provision_deployment:late_unseen": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    async prepare(stage) {
      const path = "^/v2/volumes$";
      await giveUp(stage, { method: "POST", path }, (tx) => deploy(stage, tx, "data", { volumeGib: 10 }));
      const rows = stage.db.selectFrom("provider_resources").select("handle").where("kind", "=", volumeKind);
      const { handle } = await stage.perform(rows.executeTakeFirstOrThrow());
      const { name, region } = volumeHandle.parse(handle);
      const made = await byHand(stage, "POST", "/v2/volumes", { name, region, size_gigabytes: 10 });
      const { volume } = madeVolume.parse(made);
      await trouble(stage, { method: "GET", path: `^/v2/volumes/${volume.id}$`, kind: "status", status: 404 });
      await grow(stage.scheduler, 130 * minute);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // What it would not be rid of an operator sees to, as it says, just while the account is listed: it is there all the same.
  "provision_deployment:resolved_meanwhile": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    timing: { compensate: minute },
    async prepare(stage) {
      await trouble(stage, { method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 422, times: 100 });
      let saga = "";
      once(
        stage,
        () => only(stage) !== undefined,
        () => cancelLive(stage),
      );
      await whole(stage, async (tx) => (saga = await makeDroplet(stage, tx, "bastion")));
      await stage.simulator.handle({ method: "DELETE", path: "/_sim/faults", headers: {} });
      later(stage, 35, () =>
        commit(stage, (tx) => stage.sagas.resolve(tx, saga, { reason: "done by hand", by: "admin" })),
      );
      for (const ms of [5000, 3 * minute]) await seenTo(stage, ms);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
};
