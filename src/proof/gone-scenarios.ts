import { z } from "zod";
import { makeRecord, oddly, trouble } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { recordHandle } from "#resources/kinds/record-handle.ts";
import { seenTo } from "./matrix/endings.ts";
import { ask } from "./operation-scenarios.ts";
import { changeRecord } from "./records.ts";
import { makeRelease } from "./releases.ts";
import {
  commit,
  deny,
  denyNothing,
  grow,
  noteGone,
  type Scenario,
  startParking,
  twoDeployments,
  whole,
} from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const minute = 60_000;
const lookMs = 5000;
/** What is not shown is believed to be gone so soon. */
const soon = { gone: minute };

const listed = z.object({ droplets: z.array(z.looseObject({ id: z.int(), name: z.string() })) });

/** Listings leave out those droplets whose names begin so, for so many times; asked for by their ids they are there. */
const unlisted = (stage: Stage, times: number, isHidden: (name: string) => boolean): Promise<void> =>
  oddly(stage, "/v2/droplets", times, (all) => {
    const droplets = listed.parse(all).droplets.filter(({ name }) => !isHidden(name));
    return { droplets, links: {}, meta: { total: droplets.length } };
  });

const dropletOf = ({ simulator }: Stage, name: string): number =>
  simulator.state().droplets.find((it) => it.name.startsWith(`${name}-`))?.id ?? 0;

const calm = { saga: "provision_deployment", steps: ["mark_deployment_provisioning"] };
const more = (stage: Stage, tx: Parameters<Scenario["start"]>[1]) => deploy(stage, tx, "more");

export const goneScenarios: Readonly<Record<string, Scenario>> = {
  // One listing misses a droplet; then all do for a while, and asked for it by its id the provider answers with an error, or shows it.
  "provision_deployment:unlisted": {
    ...calm,
    timing: soon,
    async prepare(stage) {
      await twoDeployments(stage);
      const isHidden = (name: string) => name.startsWith(bystander);
      await unlisted(stage, 1, isHidden);
      await seenTo(stage, lookMs);
      await unlisted(stage, 60, isHidden);
      const path = `^/v2/droplets/${dropletOf(stage, bystander)}$`;
      await trouble(stage, { method: "GET", path, kind: "status", status: 500, times: 4 });
      await seenTo(stage, 3 * minute);
      await denyNothing(stage);
      await seenTo(stage, lookMs);
    },
    start: more,
  },
  // Most of the account is not listed for more than an hour.
  "provision_deployment:mostly_unlisted": {
    ...calm,
    async prepare(stage) {
      await stage.perform(
        commit(stage, async (tx) => {
          for (const each of ["a", "b", "c", "d", "e", "f", "g"]) await deploy(stage, tx, each);
        }),
      );
      await stage.scheduler.run(stage.isQuiet);
      await grow(stage.scheduler);
      await unlisted(stage, 1000, (name) => !name.startsWith("a-"));
      for (const ms of [lookMs, 4 * minute, 85 * minute, lookMs]) await seenTo(stage, ms);
      await denyNothing(stage);
      await seenTo(stage, lookMs);
    },
    start: more,
  },
  // Its record was parked after the backup was taken that is restored by now.
  "provision_deployment:parked_unknown": {
    ...calm,
    calmMs: 4 * minute,
    timing: soon,
    async prepare(stage) {
      await deny(stage, await twoDeployments(stage));
      await whole(stage, (tx) => startParking(stage, tx));
      await denyNothing(stage);
      await stage.perform(stage.db.deleteFrom("droplet_absences").execute());
      await grow(stage.scheduler);
    },
    start: more,
  },
  // By the time that its droplet was gone a person had led its record elsewhere: it is left as it is.
  "provision_deployment:led_elsewhere": {
    ...calm,
    timing: soon,
    async prepare(stage) {
      stage.person.lose(await twoDeployments(stage));
      await grow(stage.scheduler);
      const records = stage.db.selectFrom("provider_resources").selectAll().where("kind", "=", "dns_record");
      const { provider_id: id, handle } = await stage.perform(records.orderBy("created_at").executeTakeFirstOrThrow());
      await changeRecord(stage, Number(id), { ...recordHandle.parse(handle), data: "203.0.113.66" });
      await grow(stage.scheduler);
      await whole(stage, (tx) => startParking(stage, tx));
      await makeRecord(stage, { type: "NS", name: bystander, data: "ns1.example.net.", ttl: 1800 });
      await grow(stage.scheduler, 4 * minute);
    },
    start: more,
  },
  // An operator repairs it before its record is parked.
  "repair_deployment:at_once": {
    saga: "repair_deployment",
    pivot: "point_deployment_dns",
    calmMs: 4 * minute,
    timing: soon,
    steps: ["create_droplet"],
    async prepare(stage) {
      await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
      stage.person.lose(await twoDeployments(stage, { release: "v1" }));
      await grow(stage.scheduler);
      await stage.perform(commit(stage, (tx) => noteGone(stage, tx)));
    },
    start: (stage, tx) => ask(stage, tx, "repair", {}),
  },
  // Absences are believed soon, and the new one is not well.
  "replace_deployment:believed_soon": {
    saga: "replace_deployment",
    fails: true,
    steps: ["bake"],
    calmMs: 20 * minute,
    timing: soon,
    async prepare(stage) {
      await stage.perform(
        commit(stage, async (tx) => {
          for (const name of ["v1", "v2"]) await makeRelease(stage, tx, name, { rollback_safe: true });
        }),
      );
      await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1" }));
      await grow(stage.scheduler);
    },
    start(stage, tx) {
      const { scheduler, operator, simulator } = stage;
      scheduler.at(operator, scheduler.now() + minute, () => {
        const body = JSON.stringify({ release: "v2", state: "sick" });
        void simulator.handle({ method: "POST", path: "/_sim/apps", headers: {}, body });
      });
      return ask(stage, tx, "replace", { bake_seconds: 15, discard_disk: true, release: "v2" });
    },
  },
};
