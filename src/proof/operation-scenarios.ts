import type { Tx } from "#db/connection.ts";
import { createDeployment } from "#operations/create-deployment.ts";
import { createTenant } from "#operations/create-tenant.ts";
import { deploy } from "./deploy.ts";
import { addDroplet, addRecord } from "./records.ts";
import { healthCheck, makeRelease } from "./releases.ts";
import { grow, noteGone, removeDeployment, type Scenario, startParking, twoDeployments, whole } from "./scenarios.ts";
import { type Stage, zone } from "./stage/stage.ts";

/** How an operation is asked for in a proof, and what was asked before it. */
interface Asked {
  readonly body: object;
  /** With a health check; struck are these steps alone, the others are struck without one. */
  readonly checked?: readonly string[];
  /** Struck are these alone. */
  readonly steps?: readonly string[];
  readonly before?: readonly (readonly [name: string, body: object])[];
  /** It is of a release, and there is another. */
  readonly released?: true;
  /** It has a volume. */
  readonly volume?: true;
  /** Its releases do not say `rollback_safe`: from this step on it goes forward only. */
  readonly oneWayFrom?: string;
  /** Its droplet is gone, and its record is parked. */
  readonly gone?: true;
  /** It has a reserved IP; one whose droplet is gone is not parked then. */
  readonly reserved?: true;
  /** It is refused by what `apps` says. */
  readonly fails?: true;
  /** How apps do from then on, so many milliseconds after it was asked for. */
  readonly apps?: readonly (readonly [
    atMs: number,
    rule: { readonly release?: string; readonly state: "well" | "sick" | "slow" | "never" },
  ])[];
}

const keep_snapshot_days = 7;
const snapshot = ["snapshot", { name: "kept", keep_snapshot_days }] as const;

const anew = { bake_seconds: 15, discard_disk: true, release: "v2" };

/** For every operation there is at least one: one without is not proven, and fails the tests. */
const asked: Readonly<Record<string, Asked>> = {
  resize: { body: { size_slug: "s-1vcpu-1gb" } },
  "resize:health": { body: { size_slug: "s-1vcpu-1gb" }, checked: ["wait_healthy"] },
  "resize:suspended": { body: { size_slug: "s-1vcpu-1gb" }, before: [["suspend", {}]] },
  "resize:volume": { body: { volume_gib: 20 }, volume: true, steps: ["bring_volume_size"] },
  snapshot: { body: snapshot[1] },
  rebuild: { body: { image: "debian-13-x64", keep_snapshot_days } },
  restore: { body: { snapshot: "the newest", keep_snapshot_days }, before: [snapshot] },
  replace: { body: { bake_seconds: 15, discard_disk: true }, released: true },
  "replace:anew": {
    body: {
      bake_seconds: 15,
      discard_disk: true,
      release: "v2",
      size_slug: "s-1vcpu-1gb",
      variables: { COLOUR: "green" },
    },
    released: true,
    steps: ["record_specification"],
  },
  // Well at first, and not while it bakes.
  "replace:sick": {
    body: anew,
    released: true,
    fails: true,
    steps: ["bake"],
    apps: [[60_000, { release: "v2", state: "sick" }]],
  },
  // With its volume the old one is to serve again, unless it is gone by then.
  "replace:volume_sick": {
    body: { ...anew, discard_disk: false },
    released: true,
    volume: true,
    fails: true,
    steps: ["move_volume"],
    apps: [
      [130_000, { release: "v2", state: "sick" }],
      [1_500_000, { state: "well" }],
    ],
  },
  "replace:never": {
    body: anew,
    released: true,
    steps: ["wait_new_droplet_healthy"],
    apps: [[0, { release: "v2", state: "never" }]],
    fails: true,
  },
  // Neither the new one nor, with its volume again, the old one.
  "replace:volume_never": {
    body: { ...anew, discard_disk: false },
    released: true,
    volume: true,
    steps: ["bring_old_power_off"],
    // Once it is over all are well: what an operator has left is set right.
    apps: [
      [0, { state: "never" }],
      [1_500_000, { state: "well" }],
    ],
    fails: true,
  },
  "unsuspend:health": {
    body: {},
    checked: ["wait_healthy"],
    before: [["suspend", {}]],
    apps: [
      [0, { state: "sick" }],
      [60_000, { state: "well" }],
    ],
  },
  "replace:volume": {
    body: { bake_seconds: 15, discard_disk: false },
    released: true,
    volume: true,
    steps: ["bring_old_power_off", "snapshot_volume", "move_volume", "point_deployment_dns"],
  },
  "replace:one_way": {
    body: { bake_seconds: 15, discard_disk: false },
    released: true,
    volume: true,
    oneWayFrom: "move_volume",
    steps: ["snapshot_volume", "move_volume", "wait_new_droplet_healthy", "point_deployment_dns", "retire_droplet"],
  },
  "replace:reserved_ip": {
    body: { bake_seconds: 15, discard_disk: true },
    released: true,
    reserved: true,
    steps: ["assign_reserved_ip", "bake", "retire_droplet"],
  },
  "replace:volume_and_reserved_ip": {
    body: { bake_seconds: 15, discard_disk: false },
    released: true,
    volume: true,
    reserved: true,
    steps: ["move_volume", "assign_reserved_ip"],
  },
  "repair:reserved_ip": { body: {}, released: true, gone: true, reserved: true, steps: ["assign_reserved_ip"] },
  repair: { body: {}, released: true, gone: true },
  "repair:volume": {
    body: {},
    released: true,
    gone: true,
    volume: true,
    steps: ["snapshot_volume", "create_droplet", "retire_droplet"],
  },
  "rebuild:volume": {
    body: { image: "debian-13-x64", keep_snapshot_days },
    volume: true,
    steps: ["snapshot_volume"],
  },
  "snapshot:volume": { body: snapshot[1], volume: true, steps: ["snapshot_volume"] },
  suspend: { body: {} },
  unsuspend: { body: {}, before: [["suspend", {}]] },
};

/** By hand, beside the product, and old by now: a droplet and the record that leads to it. */
export async function makeByHand(stage: Stage): Promise<void> {
  await addDroplet(stage, "web");
  await grow(stage.scheduler);
  const [droplet] = stage.simulator.state().droplets;
  await addRecord(stage, { ...handmade, data: droplet?.public_ipv4 ?? "" });
  await grow(stage.scheduler);
}

const handmade = { type: "A", name: "acme", data: "198.18.0.2", ttl: 600 };

export async function adopt(stage: Stage, tx: Tx, { isKept = false, slug = "acme" } = {}): Promise<string> {
  const now = new Date(stage.scheduler.now());
  const [droplet] = stage.simulator.state().droplets;
  if (!droplet?.public_ipv4) throw new Error("There is no droplet to adopt");
  const tenant = await createTenant(tx, { slug, name: slug, hostnames: [] }, { ids: stage.ids, now });
  const { name, region, size_slug, image, public_ipv4: address } = droplet;
  const place = { tenant_id: tenant.id, name, hostname: `acme.${zone}`, replace_dns: false };
  const spec = { region, size_slug, image: String(image), ssh_keys: [], protected: true, adopted: true };
  const id = stage.ids.uuid();
  await createDeployment(tx, { ...place, ...spec }, { id, now, status: "provisioning", sealedUserData: undefined });
  return stage.sagas.adoptDeployment(tx, id, { droplet_id: droplet.id, name, address, isKept });
}

export async function ask(stage: Stage, tx: Tx, name: string, body: object, host = "acme"): Promise<string> {
  const { id } = await tx
    .selectFrom("deployments")
    .select("id")
    .where("hostname", "=", `${host}.${zone}`)
    .executeTakeFirstOrThrow();
  const newest = await tx.selectFrom("snapshots").select("name").orderBy("created_at", "desc").executeTakeFirst();
  const given = "snapshot" in body ? { ...body, snapshot: newest?.name ?? "" } : body;
  const planned = await stage.sagas.planOperation(tx, { name, deploymentId: id }, given);
  stage.previews.push(`${name}: ${JSON.stringify(planned.preview)}`);
  return planned.start();
}

async function prepareOne(
  stage: Stage,
  { checked, released, gone, volume, reserved, oneWayFrom }: Asked,
): Promise<void> {
  if (released)
    await stage.perform(
      stage.db.transaction().execute(async (tx) => {
        for (const name of ["v1", "v2"])
          await makeRelease(stage, tx, name, { rollback_safe: oneWayFrom === undefined });
      }),
    );
  const wish = {
    ...(checked && { check: healthCheck }),
    ...(released && { release: "v1" }),
    ...(volume && { volumeGib: 10 }),
    ...(reserved && { reservedIp: true }),
  };
  if (!gone) await whole(stage, (tx) => deploy(stage, tx, "acme", wish));
  else stage.person.lose(await twoDeployments(stage, wish));
  await grow(stage.scheduler);
  if (!gone) return;
  if (reserved) await stage.perform(stage.db.transaction().execute((tx) => noteGone(stage, tx)));
  else await whole(stage, (tx) => startParking(stage, tx));
}

const scenarioOf = (key: string, it: Asked): Scenario => {
  const [name = ""] = key.split(":");
  const { body, checked, steps = checked, before = [] } = it;
  return {
    saga: `${name}_deployment`,
    ...(steps && { steps }),
    ...(it.fails && { fails: true }),
    ...(it.oneWayFrom && { pivot: it.oneWayFrom }),
    ...(name === "replace" && !it.volume && !it.apps && { served: `acme.${zone}` }),
    async prepare(stage) {
      await prepareOne(stage, it);
      for (const [earlier, its] of before) {
        await whole(stage, (tx) => ask(stage, tx, earlier, its));
        await grow(stage.scheduler);
      }
    },
    start(stage, tx) {
      const { scheduler, operator, simulator } = stage;
      for (const [atMs, rule] of it.apps ?? [])
        scheduler.at(operator, scheduler.now() + atMs, () => {
          void simulator.handle({ method: "POST", path: "/_sim/apps", headers: {}, body: JSON.stringify(rule) });
        });
      return ask(stage, tx, name, body);
    },
  };
};

export const operationScenarios: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries(
    Object.entries(asked).map(([key, it]) => [key.replace(/^[a-z]+/, "$&_deployment"), scenarioOf(key, it)]),
  ),
  adopt_deployment: { saga: "adopt_deployment", recordsBefore: [handmade], prepare: makeByHand, start: adopt },
  unadopt_deployment: {
    saga: "unadopt_deployment",
    recordsBefore: [handmade],
    async prepare(stage) {
      await makeByHand(stage);
      await whole(stage, (tx) => adopt(stage, tx));
      await grow(stage.scheduler);
    },
    start: (stage, tx) => ask(stage, tx, "unadopt", {}),
  },
  // By order, once an admin has lifted its protection.
  "deprovision_deployment:adopted": {
    saga: "deprovision_deployment",
    steps: ["wait_led_nowhere"],
    async prepare(stage) {
      await makeByHand(stage);
      await whole(stage, (tx) => adopt(stage, tx));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      await tx.updateTable("deployments").set({ protected: false }).execute();
      return removeDeployment(stage, tx);
    },
  },
  // The chore finds it when its time is over.
  delete_snapshot: {
    saga: "delete_snapshot",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      await whole(stage, (tx) => ask(stage, tx, ...snapshot));
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      await tx
        .updateTable("snapshots")
        .set({ expires_at: new Date(stage.scheduler.now()) })
        .execute();
      await stage.sagas.expireSnapshots(tx, 10);
      const saga = await tx
        .selectFrom("sagas")
        .select("id")
        .where("name", "=", "delete_snapshot")
        .executeTakeFirstOrThrow();
      return saga.id;
    },
  },
};
