import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { byHand, makeDroplets, once, reserveByHand, trouble, troubleIsOver } from "./by-hand.ts";
import { deploy, type Wish } from "./deploy.ts";
import { cancelLive, seenTo } from "./matrix/endings.ts";
import { bystander, type Stage } from "./stage/stage.ts";
import { grow, removeNamed, type Scenario, whole } from "./scenarios.ts";

const reserved: Wish = { reservedIp: true };
const [here, elsewhere] = [{ region: "syd1" }, { region: "nyc3" }];
const lookMs = 5000;
const collection = "/v2/reserved_ips";

/** A person leads one elsewhere, or to nothing; looks see it. */
async function leadTo(stage: Stage, ip: string, dropletId: number | undefined): Promise<void> {
  const action = dropletId === undefined ? { type: "unassign" } : { type: "assign", droplet_id: dropletId };
  await byHand(stage, "POST", `${collection}/${ip}/actions`, action);
  await grow(stage.scheduler);
  for (const _ of ["once", "twice"]) await seenTo(stage, lookMs);
}

/** A deployment with a reserved IP, in an account in which others have some; it, and the droplet. */
async function amongOthers(stage: Stage) {
  const [web = 0] = await makeDroplets(stage, ["web"]);
  await grow(stage.scheduler);
  await reserveByHand(stage, { droplet_id: web });
  for (const where of [here, elsewhere]) await reserveByHand(stage, where);
  await grow(stage.scheduler);
  await whole(stage, (tx) => deploy(stage, tx, bystander, reserved));
  await grow(stage.scheduler);
  const ours = stage.simulator
    .state()
    .reserved_ips.find(({ ip }) => !stage.person.theirs.has(`${reservedIpKind} ${ip}`));
  if (!ours?.droplet_id) throw new Error("The deployment has no reserved IP");
  return { web, ip: ours.ip, droplet: ours.droplet_id };
}

export const reservedByOthersScenarios: Readonly<Record<string, Scenario>> = {
  // A person has led ours about; then one of theirs, and one of ours, are what the create is answered with.
  "provision_deployment:reserved_by_others": {
    saga: "provision_deployment",
    steps: ["reserve_ip"],
    async prepare(stage) {
      const { web, ip, droplet } = await amongOthers(stage);
      await leadTo(stage, ip, web);
      await leadTo(stage, ip, undefined);
      await leadTo(stage, ip, droplet);
      const free = stage.simulator.state().reserved_ips.find((it) => it.region === "syd1" && it.droplet_id === null);
      for (const theirs of [free?.ip ?? "", ip]) {
        const body = await byHand(stage, "GET", `${collection}/${theirs}`);
        const answer = { kind: "status", status: 202, body, after_commit: true };
        await trouble(stage, { method: "POST", path: `^${collection}$`, ...answer });
      }
    },
    async start(stage, tx) {
      const id = await deploy(stage, tx, "acme", reserved);
      await deploy(stage, tx, "acme-too", reserved);
      return id;
    },
  },
  // Two are asked for at once, and neither is answered: one was made, and the other was not.
  "provision_deployment:reserved_at_once": {
    saga: "provision_deployment",
    steps: ["reserve_ip", "assign_reserved_ip"],
    async prepare(stage) {
      const cut = { method: "POST", path: `^${collection}$`, kind: "reset" };
      await trouble(stage, { ...cut, after_commit: true, times: 2 });
      await trouble(stage, cut);
    },
    async start(stage, tx) {
      const id = await deploy(stage, tx, "acme", reserved);
      for (const name of ["acme-too", "acme-three"]) await deploy(stage, tx, name, reserved);
      return id;
    },
  },
  // One was asked for and given up; much later one is reserved that may be it. Nothing tells, and it is left.
  "provision_deployment:reserved_late": {
    saga: "provision_deployment",
    steps: ["reserve_ip"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, bystander, reserved));
      await trouble(stage, { method: "POST", path: `^${collection}$`, kind: "reset" });
      once(
        stage,
        () => troubleIsOver(stage),
        () => cancelLive(stage),
      );
      await whole(stage, (tx) => deploy(stage, tx, "first", reserved));
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
      for (const where of [here, elsewhere]) await reserveByHand(stage, where);
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
    },
    start: (stage, tx) => deploy(stage, tx, "acme", reserved),
  },
  // A person has released ours: where its hostname leads is a stranger's by then.
  "deprovision_deployment:released_by_hand": {
    saga: "deprovision_deployment",
    steps: ["release_reserved_ip"],
    async prepare(stage) {
      const { ip } = await amongOthers(stage);
      stage.person.lost.add(ip);
      await byHand(stage, "DELETE", `${collection}/${ip}`);
      for (const _ of ["once", "twice"]) await seenTo(stage, lookMs);
    },
    start: (stage, tx) => removeNamed(stage, tx, bystander),
  },
};
