import { z } from "zod";
import type { Sagas } from "#sagas/start.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { byHand, oddly } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { refused } from "./hostname-scenarios.ts";
import { seenTo } from "./matrix/endings.ts";
import { ask } from "./operation-scenarios.ts";
import { makeRelease } from "./releases.ts";
import { commit, grow, type Scenario, startParking, twoDeployments, whole } from "./scenarios.ts";
import { type Stage, zone } from "./stage/stage.ts";

const lookMs = 5000;
const [small, large] = ["s-1vcpu-512mb-10gb", "s-1vcpu-1gb"];
const replace = { bake_seconds: 15, discard_disk: true };
const snapshot = { name: "kept", keep_snapshot_days: 7 };

const madeFirewall = z.object({ firewall: z.object({ id: z.string() }) });
const madeVolume = z.object({ volume: z.looseObject({}) });
const idOf = (made: unknown): string => madeFirewall.parse(made).firewall.id;

/** An operator asks for what cannot be done, and is told why; nothing comes of it. @throws when it is not refused for that */
async function inVain(stage: Stage, name: string, body: object, why: string, sagas?: Sagas): Promise<void> {
  const asked = commit(stage, (tx) => ask(sagas ? { ...stage, sagas } : stage, tx, name, body));
  const told = await stage.perform(
    asked.then(
      () => "it was begun",
      (error: unknown) => String(error),
    ),
  );
  if (!told.includes(why)) throw new Error(`${name} was to be refused ("${why}"), and the answer was: ${told}`);
  stage.previews.push(`${name}: ${told}`);
}

/** One operation after the other. */
async function done(stage: Stage, ...operations: readonly (readonly [name: string, body: object])[]): Promise<void> {
  for (const [name, body] of operations) {
    await whole(stage, (tx) => ask(stage, tx, name, body));
    await grow(stage.scheduler);
  }
}

export const askedInVainScenarios: Readonly<Record<string, Scenario>> = {
  // Before the one that can be done an operator asks for all that cannot.
  "resize_deployment:asked_in_vain": {
    saga: "resize_deployment",
    steps: ["bring_size"],
    async prepare(stage) {
      await stage.perform(
        commit(stage, async (tx) => {
          await makeRelease(stage, tx, "v1", { rollback_safe: true });
          await makeRelease(stage, tx, "unchecked", { rollback_safe: true, check: null });
          await makeRelease(stage, tx, "data", { rollback_safe: true, volume: { size_gib: 10, filesystem: "ext4" } });
        }),
      );
      await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1", size: large }));
      await grow(stage.scheduler);
      await inVain(stage, "resize", { size_slug: large }, "has the size");
      await inVain(stage, "resize", { size_slug: small }, "a disk cannot shrink");
      await inVain(stage, "unsuspend", {}, "is not suspended");
      await inVain(stage, "repair", {}, "as far as is proven");
      await inVain(stage, "replace", { ...replace, discard_disk: false }, "discard_disk");
      await inVain(stage, "replace", { ...replace, release: "data" }, "was made without");
      await inVain(stage, "replace", { ...replace, release: "unchecked" }, "has a health check");
      const nowhere = createSagas({ ...stage.desk, zone: undefined, secrets: stage.box });
      await inVain(stage, "replace", replace, "No zone is configured", nowhere);
      await done(stage, ["suspend", {}]);
      await inVain(stage, "suspend", {}, "is suspended");
      await done(stage, ["unsuspend", {}], ["snapshot", snapshot], ["replace", { ...replace, size_slug: small }]);
      await inVain(stage, "restore", { snapshot: "the newest", keep_snapshot_days: 7 }, "needs a disk");
      await done(stage, ["resize", { size_slug: large }]);
    },
    // Its disk has not grown with it.
    start: (stage, tx) => ask(stage, tx, "resize", { size_slug: small }),
  },
  // It has been replaced before: how long that took is told. Its volume grows by as little as can be asked for.
  "resize_deployment:xfs": {
    saga: "resize_deployment",
    steps: ["bring_volume_size"],
    async prepare(stage) {
      await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
      await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1", volumeGib: 10, filesystem: "xfs" }));
      await grow(stage.scheduler);
      const kept = { ...replace, discard_disk: false };
      await done(stage, ["replace", kept], ["replace", kept]);
      await inVain(stage, "resize", { volume_gib: 10 }, "only grows");
      // Told once to be another's, it is not touched.
      const [volume] = stage.simulator.state().volumes;
      await oddly(stage, `/v2/volumes/${volume?.id}`, 1, (told) => ({
        volume: { ...madeVolume.parse(told).volume, name: "theirs" },
      }));
      await refused(stage, "not_ours", (tx) => ask(stage, tx, "resize", { volume_gib: 11 }));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => ask(stage, tx, "resize", { volume_gib: 11 }),
  },
  // A person has given it a firewall, of which a look tells; and takes it away again.
  "replace_deployment:attached_before": {
    saga: "replace_deployment",
    steps: ["check_attachments"],
    served: `acme.${zone}`,
    async prepare(stage) {
      await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
      await whole(stage, (tx) => deploy(stage, tx, "acme", { release: "v1" }));
      await grow(stage.scheduler);
      const droplet_ids = stage.simulator.state().droplets.map(({ id }) => id);
      const inbound_rules = [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }];
      const made = await byHand(stage, "POST", "/v2/firewalls", { name: "web", inbound_rules, droplet_ids });
      await seenTo(stage, lookMs);
      await inVain(stage, "replace", replace, "firewall");
      await byHand(stage, "DELETE", `/v2/firewalls/${idOf(made)}`);
      await seenTo(stage, lookMs);
    },
    start: (stage, tx) => ask(stage, tx, "replace", replace),
  },
  // Of one whose droplet is proven gone nothing else can be asked.
  "repair_deployment:asked_in_vain": {
    saga: "repair_deployment",
    steps: ["check_attachments"],
    async prepare(stage) {
      await stage.perform(commit(stage, (tx) => makeRelease(stage, tx, "v1", { rollback_safe: true })));
      stage.person.lose(await twoDeployments(stage, { release: "v1" }));
      await grow(stage.scheduler);
      await whole(stage, (tx) => startParking(stage, tx));
      await inVain(stage, "suspend", {}, "has lost its droplet");
      await inVain(stage, "replace", replace, "has lost its droplet");
    },
    start: (stage, tx) => ask(stage, tx, "repair", {}),
  },
};
