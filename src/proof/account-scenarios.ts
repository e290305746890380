import { z } from "zod";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { byHand, oddly } from "./by-hand.ts";
import { deploy, makeDroplet } from "./deploy.ts";
import { seenTo } from "./matrix/endings.ts";
import { ask } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { commit, grow, type Scenario, whole } from "./scenarios.ts";
import type { Stage } from "./stage/stage.ts";

const told = z.object({ account: z.object({ uuid: z.string() }) });
const shown = z.object({ droplet: z.looseObject({ status: z.unknown() }) });
/** Until every worker has asked whose account it is again. */
const askedMs = 90_000;

/** The account is known as an earlier release noted it: by the user who made the token, who may have several teams. */
async function forgetTeam(stage: Stage): Promise<void> {
  const { account } = told.parse(await byHand(stage, "GET", "/v2/account"));
  const known = { account_uuid: account.uuid, account_of: null };
  await stage.perform(stage.db.updateTable("provider").set(known).execute());
  await seenTo(stage, askedMs);
}

export const accountScenarios: Readonly<Record<string, Scenario>> = {
  // It shows a droplet of ours; and once that is gone, our tag.
  "provision_deployment:known_by_user": {
    saga: "provision_deployment",
    steps: ["mark_deployment_provisioning"],
    async prepare(stage) {
      await whole(stage, (tx) => makeDroplet(stage, tx, "bastion"));
      await grow(stage.scheduler);
      await forgetTeam(stage);
      stage.person.lose(stage.simulator.state().droplets[0]?.id ?? 0);
      await grow(stage.scheduler);
      await forgetTeam(stage);
    },
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  // An answer that does not tell whether it is on.
  "suspend_deployment:untold_status": {
    saga: "suspend_deployment",
    steps: ["bring_power"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const path = `/v2/droplets/${stage.simulator.state().droplets[0]?.id}`;
      await oddly(stage, path, 1, (it) => {
        const { status: _untold, ...droplet } = shown.parse(it).droplet;
        return { droplet };
      });
      return ask(stage, tx, "suspend", {});
    },
  },
  // A firewall is on it by our tag, which the new one has as well.
  "replace_deployment:firewall_by_tag": {
    saga: "replace_deployment",
    steps: ["check_attachments"],
    async prepare(stage) {
      await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
      await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1" }));
      const { id } = await stage.perform(stage.db.selectFrom("installation").select("id").executeTakeFirstOrThrow());
      const inbound_rules = [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }];
      await byHand(stage, "POST", "/v2/firewalls", { name: "web", inbound_rules, tags: [installTag(id)] });
      await grow(stage.scheduler);
    },
    start: (stage, tx) => ask(stage, tx, "replace", { bake_seconds: 15, discard_disk: true }),
  },
};
