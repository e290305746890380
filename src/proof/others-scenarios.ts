import type { Tx } from "#db/connection.ts";
import { dropletKind, installTag } from "#resources/kinds/droplet-handle.ts";
import { byHand, makeDroplets, makeRecord, makeVolume, recordsPath, reserveByHand, trouble } from "./by-hand.ts";
import { refused } from "./hostname-scenarios.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { deploy } from "./deploy.ts";
import { seenTo } from "./matrix/endings.ts";
import { adopt, ask, makeByHand } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { commit, grow, type Scenario, whole } from "./scenarios.ts";
import { type Stage, zone } from "./stage/stage.ts";

const lookMs = 5000;

/** What a person wants destroyed is theirs no longer. */
async function destroyByOrder(stage: Stage, tx: Tx): Promise<string> {
  const { provider_id: providerId, managed } = await tx
    .selectFrom("cloud_resources")
    .select(["provider_id", "managed"])
    .where("name", "=", "web")
    .executeTakeFirstOrThrow();
  stage.person.theirs.delete(`${dropletKind} ${providerId}`);
  return stage.sagas.destroyDroplet(tx, { providerId, unmanaged: !managed });
}

/** A droplet of somebody else's, with a reserved IP, of which the inventory knows. @returns it */
async function makeWeb(stage: Stage): Promise<number> {
  const [web = 0] = await makeDroplets(stage, ["web"]);
  await grow(stage.scheduler);
  await reserveByHand(stage, { droplet_id: web });
  await seenTo(stage, lookMs);
  return web;
}

/** A deployment that could be replaced. */
async function replaceable(stage: Stage): Promise<number> {
  await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
  await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1" }));
  await grow(stage.scheduler);
  return stage.simulator.state().droplets[0]?.id ?? 0;
}

const replace = { bake_seconds: 15, discard_disk: true };

export const othersScenarios: Readonly<Record<string, Scenario>> = {
  "destroy_droplet:unmanaged": {
    saga: "destroy_droplet",
    prepare: async (stage) => void (await makeWeb(stage)),
    start: destroyByOrder,
  },
  // It has our tag, and no row tells of it: of another environment, say.
  "destroy_droplet:unknown": {
    saga: "destroy_droplet",
    async prepare(stage) {
      await grow(stage.scheduler);
      const { id } = await stage.perform(stage.db.selectFrom("installation").select("id").executeTakeFirstOrThrow());
      await makeDroplets(stage, ["web"], [installTag(id)]);
      await grow(stage.scheduler);
      await seenTo(stage, lookMs);
    },
    start: destroyByOrder,
  },
  // Its owner destroys it at the same time.
  "destroy_droplet:unmanaged_gone": {
    saga: "destroy_droplet",
    prepare: async (stage) => void (await makeWeb(stage)),
    async start(stage, tx) {
      const id = await destroyByOrder(stage, tx);
      const [web] = stage.simulator.state().droplets;
      await byHand(stage, "DELETE", `/v2/droplets/${web?.id}`);
      return id;
    },
  },
  // Another installation answers for it by the time that it is looked at.
  "adopt_deployment:marked": {
    saga: "adopt_deployment",
    fails: true,
    recordsBefore: [{ type: "A", name: "acme", data: "198.18.0.2", ttl: 600 }],
    async prepare(stage) {
      await makeByHand(stage);
      const [web] = stage.simulator.state().droplets;
      const resources = [{ resource_id: String(web?.id), resource_type: "droplet" }];
      await byHand(stage, "POST", "/v2/tags", { name: "arcadia-install-others" });
      await byHand(stage, "POST", "/v2/tags/arcadia-install-others/resources", { resources });
      await grow(stage.scheduler);
    },
    start: adopt,
  },
  // Its hostname had two records, and then one that leads elsewhere: it was refused each time.
  "adopt_deployment:hostname_elsewhere": {
    saga: "adopt_deployment",
    steps: ["claim_deployment_dns"],
    recordsBefore: [{ type: "A", name: "acme", data: "198.18.0.2", ttl: 600 }],
    async prepare(stage) {
      await makeByHand(stage);
      const also = await makeRecord(stage, { type: "A", name: "acme", data: "203.0.113.7", ttl: 600 });
      await grow(stage.scheduler);
      await refused(stage, "dns_conflict", (tx) => adopt(stage, tx, { slug: "early" }));
      const led = stage.simulator.state().domains[0]?.records.find(({ name, id }) => name === "acme" && id !== also);
      const at = `${recordsPath()}/${led?.id}`;
      stage.person.theirs.delete(`${recordKind} ${also}`);
      await byHand(stage, "DELETE", `${recordsPath()}/${also}`);
      await byHand(stage, "PATCH", at, { data: "203.0.113.7" });
      await grow(stage.scheduler);
      await refused(stage, "dns_conflict", (tx) => adopt(stage, tx, { slug: "late" }));
      await byHand(stage, "PATCH", at, { data: led?.data });
      await grow(stage.scheduler);
    },
    start: adopt,
  },
  // A person has attached a volume, and it has a firewall: a new droplet would be without them.
  "replace_deployment:attached": {
    saga: "replace_deployment",
    steps: ["check_attachments"],
    fails: true,
    async prepare(stage) {
      const droplet = await replaceable(stage);
      const volume = await makeVolume(stage, "theirs");
      await byHand(stage, "POST", `/v2/volumes/${volume}/actions`, { type: "attach", droplet_id: droplet });
      const inbound_rules = [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }];
      await byHand(stage, "POST", "/v2/firewalls", { name: "web", inbound_rules, droplet_ids: [droplet] });
      await grow(stage.scheduler);
    },
    start: (stage, tx) => ask(stage, tx, "replace", replace),
  },
  // The token may not read what could be on it: that is told, and stops nobody.
  "replace_deployment:unread": {
    saga: "replace_deployment",
    steps: ["check_attachments"],
    served: `acme.${zone}`,
    async prepare(stage) {
      await replaceable(stage);
      for (const path of ["^/v2/firewalls$", "^/v2/load_balancers$"])
        await trouble(stage, { method: "GET", path, kind: "status", status: 403, times: 100 });
    },
    start: (stage, tx) => ask(stage, tx, "replace", replace),
  },
};
