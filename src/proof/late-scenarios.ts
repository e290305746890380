import { z } from "zod";
import type { Tx } from "#db/connection.ts";
import { tagsOf } from "#resources/kinds/droplet-handle.ts";
import { recordHandle } from "#resources/kinds/record-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { byHand, once, trouble, troubleIsOver } from "./by-hand.ts";
import { deploy, makeDroplet } from "./deploy.ts";
import { cancelLive } from "./matrix/endings.ts";
import { ask } from "./operation-scenarios.ts";
import { addRecord } from "./records.ts";
import { commit, grow, recordRow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const minute = 60_000;
const [droplets, volumes] = ["^/v2/droplets$", "^/v2/volumes$"];
const snapshot = { name: "kept", keep_snapshot_days: 7 };

/** The provider cuts the connection at this create; while that settles the saga is cancelled. Nothing was made. @returns it */
async function giveUp(stage: Stage, path: string, start: (tx: Tx) => Promise<string>): Promise<string> {
  await trouble(stage, { method: "POST", path, kind: "reset" });
  once(
    stage,
    () => troubleIsOver(stage),
    () => cancelLive(stage),
  );
  let id = "";
  await whole(stage, async (tx) => (id = await start(tx)));
  return id;
}

const named = z.object({ name: z.string() });
const cheapest = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "debian-13-x64" };

/** What a saga has asked for and given up, under its name and with its tags: as its create makes it when it acts at last. */
async function askedBy(stage: Stage, saga: string) {
  const asked = stage.db.selectFrom("provider_resources").select("handle").where("saga_id", "=", saga);
  const { handle } = await stage.perform(asked.where("phase", "=", "absent").executeTakeFirstOrThrow());
  const { id } = await stage.perform(stage.db.selectFrom("installation").select("id").executeTakeFirstOrThrow());
  return { name: named.parse(handle).name, tags: tagsOf(saga, id) };
}

/** Of each kind one is asked for in vain, and there all the same when nobody thinks of it any more. */
async function comeLate(stage: Stage): Promise<void> {
  await whole(stage, (tx) => deploy(stage, tx, "acme"));
  await grow(stage.scheduler);
  const bastion = await giveUp(stage, droplets, (tx) => makeDroplet(stage, tx, "bastion"));
  const data = await giveUp(stage, volumes, (tx) => deploy(stage, tx, "data", { volumeGib: 10 }));
  const kept = await giveUp(stage, String.raw`/actions$`, (tx) => ask(stage, tx, "snapshot", snapshot));
  await giveUp(stage, "/records$", (tx) => deploy(stage, tx, "name"));
  await grow(stage.scheduler);
  const [droplet] = stage.simulator.state().droplets;
  await byHand(stage, "POST", "/v2/droplets", { ...cheapest, ...(await askedBy(stage, bastion)) });
  await byHand(stage, "POST", "/v2/volumes", { region: "syd1", size_gigabytes: 10, ...(await askedBy(stage, data)) });
  const { name: of } = await askedBy(stage, kept);
  await byHand(stage, "POST", `/v2/droplets/${droplet?.id}/actions`, { type: "snapshot", name: of });
  const { name, data: address, ttl } = recordHandle.parse((await stage.perform(recordRow(stage.db))).handle);
  stage.person.lost.add(address);
  await addRecord(stage, { type: "A", name, data: address, ttl: ttl ?? 300 });
  // One of them cannot be looked at when that is due.
  await trouble(stage, { method: "GET", path: volumes, kind: "status", status: 500, times: 4 });
  await grow(stage.scheduler, 34 * minute);
}

export const lateScenarios: Readonly<Record<string, Scenario>> = {
  "provision_deployment:all_late": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    prepare: comeLate,
    start: (stage, tx) => deploy(stage, tx, bystander),
  },
  // What an operator has seen to by hand is there all the same: its data is for them to look at.
  "provision_deployment:left_behind": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    timing: { compensate: minute },
    async prepare(stage) {
      await trouble(stage, { method: "DELETE", path: "^/v2/volumes/", kind: "status", status: 422, times: 100 });
      await trouble(stage, { method: "POST", path: droplets, kind: "status", status: 422 });
      let saga = "";
      await whole(stage, async (tx) => (saga = await deploy(stage, tx, "data", { volumeGib: 10 })));
      await stage.perform(
        commit(stage, (tx) => stage.sagas.resolve(tx, saga, { reason: "done by hand", by: "admin" })),
      );
      await stage.scheduler.run(stage.isQuiet);
      for (const { id } of stage.simulator.state().volumes) stage.person.theirs.add(`${volumeKind} ${id}`);
      await grow(stage.scheduler, 18 * minute);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // The last look at what has ended takes away what outlives it; of a kind that only a later release knows nothing is done.
  "deprovision_deployment:long_ended": {
    saga: "deprovision_deployment",
    steps: ["destroy_droplet"],
    async prepare(stage) {
      for (const name of ["acme", bystander]) await whole(stage, (tx) => deploy(stage, tx, name));
      await grow(stage.scheduler);
      await whole(stage, (tx) => removeNamed(stage, tx, bystander));
      const ended = (set: object) =>
        stage.perform(stage.db.updateTable("provider_resources").set(set).where("phase", "=", "gone").execute());
      const recheck_at = new Date(stage.scheduler.now());
      await ended({ recheck_at, rechecks: 2 });
      await stage.perform(
        stage.db
          .updateTable("provider_resources")
          .set({ kind: "of_a_later_release" })
          .where("phase", "=", "gone")
          .where("kind", "=", "dns_record")
          .execute(),
      );
      await grow(stage.scheduler, 2 * minute);
      await stage.perform(
        stage.db
          .updateTable("provider_resources")
          .set({ kind: "dns_record" })
          .where("kind", "=", "of_a_later_release")
          .execute(),
      );
    },
    start: (stage, tx) => removeNamed(stage, tx, "acme"),
  },
};
