import type { Tx } from "#db/connection.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { later, makeDroplets } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { seenTo } from "./matrix/endings.ts";
import { bystander, type Stage } from "./stage/stage.ts";
import { commit, grow, type Scenario } from "./scenarios.ts";

const lookMs = 5000;

/** Droplets with our tag that are in no row: of an environment that was restored from the same backup, say. */
async function crowd(stage: Stage, count: number): Promise<number[]> {
  const { id } = await stage.db.selectFrom("installation").select("id").executeTakeFirstOrThrow();
  const from = stage.person.theirs.size;
  const names = Array.from({ length: count }, (_, each) => `theirs-${from + each}`);
  return makeDroplets(stage, names, [installTag(id)]);
}

/** Droplets take so long to boot. */
const slowly = ({ simulator }: Stage, boot_ms: number) =>
  simulator.handle({ method: "PATCH", path: "/_sim/settings", headers: {}, body: JSON.stringify({ boot_ms }) });

/** Two that are waited for at the same time. @returns the first one's saga */
async function deployTwo(stage: Stage, tx: Tx): Promise<string> {
  const id = await deploy(stage, tx, "acme");
  await deploy(stage, tx, bystander);
  return id;
}

export const fleetScenarios: Readonly<Record<string, Scenario>> = {
  // The newest are on the last of two pages, and the oldest of them on the page before.
  "provision_deployment:pages_of_droplets": {
    saga: "provision_deployment",
    steps: ["wait_droplet_active"],
    async prepare(stage) {
      await stage.perform(crowd(stage, 199));
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
    },
    async start(stage, tx) {
      const id = await deploy(stage, tx, "acme");
      for (const name of [bystander, `${bystander}-too`]) await deploy(stage, tx, name);
      return id;
    },
  },
  // It alone is waited for.
  "provision_deployment:one_of_many": {
    saga: "provision_deployment",
    steps: ["wait_droplet_active"],
    async prepare(stage) {
      await stage.perform(crowd(stage, 205));
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // Somebody makes so many beside it that the newest are others', of which the inventory knows nothing.
  "provision_deployment:overtaken": {
    saga: "provision_deployment",
    steps: ["wait_droplet_active"],
    async prepare(stage) {
      await slowly(stage, 40_000);
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      for (const ms of [1000, 14_000]) later(stage, ms, () => crowd(stage, 405));
      return deployTwo(stage, tx);
    },
  },
  // The same, and it does.
  "provision_deployment:among_many": {
    saga: "provision_deployment",
    steps: ["wait_droplet_active"],
    async prepare(stage) {
      await slowly(stage, 20_000);
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      later(stage, 1000, () => crowd(stage, 201));
      later(stage, 3000, () => commit(stage, (then) => stage.chores.requestChore(then, "sync")));
      return deployTwo(stage, tx);
    },
  },
};
