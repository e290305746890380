import { byHand, later, makeDroplets, once, reserveByHand, trouble, troubleIsOver } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { refused } from "./hostname-scenarios.ts";
import { commit, grow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { ask } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { seenTo } from "./matrix/endings.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const lookMs = 5000;
const collection = "/v2/reserved_ips";
const here = { region: "syd1" };
const wish = { release: "v1", reservedIp: true };
const replace = { bake_seconds: 15, discard_disk: true };

/** As a person does it; while something else is on its way there, or that droplet is gone, it comes to nothing. */
const leadTo = ({ person }: Stage, ip: string, droplet_id: number | null): void =>
  person.send(
    "POST",
    `${collection}/${ip}/actions`,
    droplet_id === null ? { type: "unassign" } : { type: "assign", droplet_id },
  );

/** A deployment that could be replaced, at a reserved IP of its own. */
async function reserved(stage: Stage, name: string): Promise<{ ip: string; droplet: number }> {
  await whole(stage, (tx) => deploy(stage, tx, name, wish));
  await grow(stage.scheduler);
  const it = stage.simulator.state().reserved_ips.at(-1);
  if (!it?.droplet_id) throw new Error(`${name} has no reserved IP`);
  return { ip: it.ip, droplet: it.droplet_id };
}

const makeV1 = (stage: Stage): Promise<void> =>
  stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));

/** Once the reserved IP leads to the new droplet a person leads it away, and a while later where it led before. */
function leadAway(stage: Stage, { ip, droplet }: { ip: string; droplet: number }, to: number | null): void {
  const leads = () => stage.simulator.state().reserved_ips.find((it) => it.ip === ip)?.droplet_id ?? null;
  once(
    stage,
    () => leads() !== null && leads() !== droplet,
    async () => {
      leadTo(stage, ip, to);
      later(stage, backMs, async () => leadTo(stage, ip, droplet));
    },
  );
}
const backMs = 3 * 60_000;

/** An unclear create, and two that somebody else reserves at that moment. */
async function reserveBeside(stage: Stage): Promise<void> {
  await trouble(stage, { method: "POST", path: `^${collection}$`, kind: "reset" });
  once(
    stage,
    () => troubleIsOver(stage),
    async () => {
      for (const _ of ["one", "two"]) await reserveByHand(stage, here);
    },
  );
}

export const ledAwayScenarios: Readonly<Record<string, Scenario>> = {
  // A person leads its reserved IP away while it bakes: to a droplet of theirs, and when it is asked for again to nothing.
  "replace_deployment:led_away": {
    saga: "replace_deployment",
    steps: ["assign_reserved_ip"],
    fails: true,
    calmMs: backMs,
    async prepare(stage) {
      await makeV1(stage);
      const [web = 0] = await makeDroplets(stage, ["web"]);
      const other = await reserved(stage, bystander);
      const ours = await reserved(stage, "acme");
      leadTo(stage, ours.ip, other.droplet);
      await grow(stage.scheduler);
      await refused(stage, "not_ours", (tx) => ask(stage, tx, "replace", replace));
      leadTo(stage, ours.ip, ours.droplet);
      await grow(stage.scheduler);
      await refused(stage, "dns_conflict", (tx) => {
        leadAway(stage, ours, web);
        return ask(stage, tx, "replace", replace);
      });
      await grow(stage.scheduler);
      for (const _ of ["twice", "thrice"]) await grow(stage.scheduler);
    },
    start(stage, tx) {
      const { droplets, reserved_ips } = stage.simulator.state();
      const droplet = droplets.find(({ name }) => name.startsWith("acme-"))?.id ?? 0;
      const ip = reserved_ips.find((it) => it.droplet_id === droplet)?.ip ?? "";
      leadAway(stage, { ip, droplet }, null);
      return ask(stage, tx, "replace", replace);
    },
  },
  // The new one is not well, and the old one may be destroyed meanwhile: then there is none to lead back to.
  "replace_deployment:reserved_ip_sick": {
    saga: "replace_deployment",
    steps: ["assign_reserved_ip"],
    fails: true,
    async prepare(stage) {
      for (const name of ["v1", "v2"])
        await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, name, { rollback_safe: true })));
      await reserved(stage, "acme");
    },
    start(stage, tx) {
      later(stage, 60_000, () => byHand(stage, "POST", "/_sim/apps", { release: "v2", state: "sick" }));
      return ask(stage, tx, "replace", { ...replace, bake_seconds: 60, release: "v2" });
    },
  },
  // Released by a person, and reserved again by somebody else: it is the same address, and none of ours any more.
  "deprovision_deployment:reserved_again": {
    saga: "deprovision_deployment",
    steps: ["release_reserved_ip"],
    async prepare(stage) {
      await makeV1(stage);
      const { ip } = await reserved(stage, "acme");
      await grow(stage.scheduler);
      stage.person.lost.add(ip);
      await byHand(stage, "DELETE", `${collection}/${ip}`);
      await grow(stage.scheduler);
      await reserveByHand(stage, here);
      await grow(stage.scheduler);
      await refused(stage, "not_ours", (tx) => ask(stage, tx, "replace", replace));
    },
    start: (stage, tx) => removeNamed(stage, tx, "acme"),
  },
  // What is given back is handed out again at once, to another of ours whose create is not answered.
  "deprovision_deployment:handed_out_again": {
    saga: "deprovision_deployment",
    steps: ["release_reserved_ip"],
    async prepare(stage) {
      await makeV1(stage);
      await reserved(stage, "acme");
    },
    async start(stage, tx) {
      once(
        stage,
        () => stage.simulator.state().reserved_ips.length === 0,
        async () => {
          await trouble(stage, { method: "POST", path: `^${collection}$`, kind: "reset", after_commit: true });
          await commit(stage, (then) => deploy(stage, then, bystander, wish));
        },
      );
      return removeNamed(stage, tx, "acme");
    },
  },
  // Others have reserved some at the same moment; a listing does not tell the region of one, and then all is told.
  "provision_deployment:reserved_untold": {
    saga: "provision_deployment",
    steps: ["reserve_ip"],
    async prepare(stage) {
      await makeV1(stage);
      await reserveBeside(stage);
      await refused(stage, "reserved_ip_ambiguous", (tx) => deploy(stage, tx, "first", wish));
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
      const [theirs] = stage.simulator.state().reserved_ips;
      const body = { reserved_ips: [{ ip: theirs?.ip, region: null, droplet: null }], links: {}, meta: { total: 1 } };
      await trouble(stage, { method: "POST", path: `^${collection}$`, kind: "reset", after_commit: true });
      await trouble(stage, { method: "GET", path: `^${collection}$`, kind: "status", status: 200, body, times: 2 });
    },
    async start(stage, tx) {
      const id = await deploy(stage, tx, "acme", wish);
      // The next is answered as if it were the one that has just been reserved.
      once(
        stage,
        () => stage.simulator.state().reserved_ips.length > 2,
        async () => {
          const ip = stage.simulator.state().reserved_ips.at(-1)?.ip ?? "";
          const answer = { kind: "status", status: 202, body: await byHand(stage, "GET", `${collection}/${ip}`) };
          await trouble(stage, { method: "POST", path: `^${collection}$`, after_commit: true, ...answer });
          await commit(stage, (then) => deploy(stage, then, "acme-too", wish));
        },
      );
      return id;
    },
  },
};
