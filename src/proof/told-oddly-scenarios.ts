import { z } from "zod";
import { remove } from "#operations/delete-deployment.ts";
import { byHand, oddly, once, trouble } from "./by-hand.ts";
import { deploy, makeDroplet } from "./deploy.ts";
import { adopt, ask, makeByHand } from "./operation-scenarios.ts";
import { grow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const keep_snapshot_days = 7;
const oneDroplet = z.object({ droplet: z.looseObject({}) });
const manyDroplets = z.object({ droplets: z.array(z.looseObject({ id: z.int() })) });
const oneSnapshot = z.object({ snapshot: z.looseObject({ resource_id: z.string() }) });

const dropletPath = ({ simulator }: Stage): string => `/v2/droplets/${simulator.state().droplets.at(-1)?.id}`;

/** A volume is taken off its droplet by a person, and deleted. */
async function loseVolume(stage: Stage): Promise<void> {
  const [volume] = stage.simulator.state().volumes;
  await byHand(stage, "POST", `/v2/volumes/${volume?.id}/actions`, { type: "detach", droplet_id: volume?.droplet_id });
  await grow(stage.scheduler);
  await byHand(stage, "DELETE", `/v2/volumes/${volume?.id}`);
  await grow(stage.scheduler);
}

export const toldOddlyScenarios: Readonly<Record<string, Scenario>> = {
  // A person has deleted its volume: of that there is no last snapshot.
  "deprovision_deployment:volume_lost": {
    saga: "deprovision_deployment",
    steps: ["snapshot_volume", "delete_volume"],
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, bystander, { volumeGib: 10 }));
      await grow(stage.scheduler);
      // Nothing of this one is to be kept.
      await whole(stage, async (tx) => {
        const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
        const asker = { tenantId: null, now: new Date(stage.scheduler.now()), destroysPerHour: Infinity };
        await remove(tx, stage.sagas, id, { ...asker, deleteVolume: true, keepSnapshotDays: 0 });
        return id;
      });
      await whole(stage, (tx) => deploy(stage, tx, "acme", { volumeGib: 10 }));
      await grow(stage.scheduler);
      await loseVolume(stage);
    },
    start: (stage, tx) => removeNamed(stage, tx, "acme"),
  },
  // Of its volume; at first the provider tells that it is of another one.
  "delete_snapshot:volume": {
    saga: "delete_snapshot",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme", { volumeGib: 10 }));
      await grow(stage.scheduler);
      await whole(stage, (tx) => ask(stage, tx, "snapshot", { name: "kept", keep_snapshot_days }));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const volumes = { kind: "volume_snapshot" as const, expires_at: new Date(stage.scheduler.now()) };
      const { id } = await tx
        .updateTable("snapshots")
        .set({ expires_at: volumes.expires_at })
        .where("kind", "=", volumes.kind)
        .returning("id")
        .executeTakeFirstOrThrow();
      const { provider_id: ours } = await tx
        .selectFrom("provider_resources")
        .select("provider_id")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      await oddly(stage, `/v2/snapshots/${ours}`, 1, (told) => ({
        snapshot: { ...oneSnapshot.parse(told).snapshot, resource_id: "0190aaaa-0000-4000-8000-000000000000" },
      }));
      await stage.sagas.expireSnapshots(tx, 10);
      const saga = tx.selectFrom("sagas").select("id").where("name", "=", "delete_snapshot");
      return (await saga.executeTakeFirstOrThrow()).id;
    },
  },
  // Its record stays its owner's, and its droplet does not tell its size at first. Given back, it has a snapshot that stays ours.
  "unadopt_deployment:snapshot": {
    saga: "unadopt_deployment",
    steps: ["release_deployment"],
    recordsBefore: [{ type: "A", name: "acme", data: "198.18.0.2", ttl: 600 }],
    async prepare(stage) {
      await makeByHand(stage);
      await oddly(stage, dropletPath(stage), 1, (told) => {
        const { size: _size, size_slug: _slug, ...rest } = oneDroplet.parse(told).droplet;
        return { droplet: rest };
      });
      stage.previews.push(`adopt: ${stage.sagas.adoptionSteps({ isKept: true }).join(", ")}`);
      await whole(stage, (tx) => adopt(stage, tx, { isKept: true }));
      await grow(stage.scheduler);
      await whole(stage, (tx) => ask(stage, tx, "snapshot", { name: "kept", keep_snapshot_days }));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => ask(stage, tx, "unadopt", {}),
  },
  // One is told to be archived, which is neither booting nor active; the next boots for longer than anybody waits.
  "provision_droplet:never_active": {
    saga: "provision_droplet",
    steps: ["create_droplet"],
    timing: { waitActive: 60_000 },
    fails: true,
    async prepare(stage) {
      await byHand(stage, "PATCH", "/_sim/settings", { boot_ms: 3_600_000 });
      const listed = async () => manyDroplets.parse(await byHand(stage, "GET", "/v2/droplets")).droplets;
      once(
        stage,
        async () => (await listed()).length > 0,
        async () => {
          const droplets = (await listed()).map((it) => ({ ...it, status: "archive" }));
          const body = { droplets, links: {}, meta: { total: droplets.length } };
          await trouble(stage, { method: "GET", path: "^/v2/droplets$", kind: "status", status: 200, body, times: 3 });
        },
      );
      await whole(stage, (tx) => makeDroplet(stage, tx, "archived"));
      await byHand(stage, "DELETE", "/_sim/faults");
      await grow(stage.scheduler);
    },
    start: (stage, tx) => makeDroplet(stage, tx, "bastion"),
  },
};
