import type { Timing } from "#config.ts";
import type { Db, Tx } from "#db/connection.ts";
import { remove } from "#operations/delete-deployment.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import type { Row } from "#resources/ledger.ts";
import { noteAbsence } from "#deployments/absences.ts";
import { parkingAddress, type RecordLine } from "./invariants.ts";
import { addRecord, changeRecord, oldRecords } from "./records.ts";
import { deploy, makeDroplet, type Wish } from "./deploy.ts";
import { bystander, type Stage } from "./stage/stage.ts";
import { healthCheck } from "./releases.ts";

/** How one saga begins in a proof. */
export interface Scenario {
  readonly saga: string;
  /** Struck is what these steps and their undos do; by default all. */
  readonly steps?: readonly string[];
  readonly pivot?: string; // where its input has that earlier than its saga
  /** The zone's records before it, which a rollback restores. */
  readonly recordsBefore?: readonly RecordLine[];
  /** What it finds forbids it to succeed: it is rolled back. */
  readonly fails?: true;
  /** Brings about, undisturbed, what the saga starts from. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** Once it has ended, the account is looked at and what follows from that seen to, for so long. Milliseconds. */
  readonly calmMs?: number;
  /** It is served before, and has to be all the time. */
  readonly served?: string;
  /** Its droplet has been missed by looks for long: the one answer that is still asked for is believed, also a wrong one. */
  readonly missed?: true;
  /** The provider denies all there is: that a droplet is destroyed can never be proven. */
  readonly unprovable?: true;
  /** It does not begin before an operator lets it, or never does, since that one cancels it. */
  readonly held?: "released" | "withdrawn";
  /** In place of the product's. */
  readonly timing?: Partial<Timing>;
  /** Asks for the saga, as the API would. @returns its id */
  readonly start: (stage: Stage, tx: Tx) => Promise<string>;
}

export const commit = <T>(stage: Stage, work: (tx: Tx) => Promise<T>): Promise<T> =>
  stage.db.transaction().execute(work);

/** Runs a saga to its end. */
export async function whole(stage: Stage, start: (tx: Tx) => Promise<string>): Promise<void> {
  await stage.perform(commit(stage, start));
  await stage.scheduler.run(stage.isQuiet);
}

async function addOldRecords(stage: Stage): Promise<void> {
  for (const record of oldRecords) await addRecord(stage, record);
  await grow(stage.scheduler);
}

/** The ledger's row of the record that was made last. */
export const recordRow = (db: Db | Tx): Promise<Row> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", recordKind)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();

/** Time passes, and what is due is done; by default until all there is is old: whatever lags shows it. */
export async function grow(scheduler: Stage["scheduler"], ms = 60_000): Promise<void> {
  const until = scheduler.now() + ms;
  await scheduler.run(() => scheduler.now() > until);
}

/** @param destroysPerHour more are held */
export async function removeDeployment(stage: Stage, tx: Tx, destroysPerHour = Infinity): Promise<string> {
  const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
  return removeOne(stage, tx, id, destroysPerHour);
}

export async function removeNamed(stage: Stage, tx: Tx, name: string): Promise<string> {
  const { id } = await tx.selectFrom("deployments").select("id").where("name", "=", name).executeTakeFirstOrThrow();
  return removeOne(stage, tx, id);
}

async function removeFirst(stage: Stage, tx: Tx): Promise<string> {
  const { deployment_id } = await tx.selectFrom("droplet_absences").selectAll().executeTakeFirstOrThrow();
  return removeOne(stage, tx, deployment_id);
}

async function removeOne(stage: Stage, tx: Tx, id: string, destroysPerHour = Infinity): Promise<string> {
  const now = new Date(stage.scheduler.now());
  await remove(tx, stage.sagas, id, { tenantId: null, now, destroysPerHour, deleteVolume: true });
  const query = tx.selectFrom("deployments").select("saga_id").where("id", "=", id);
  return (await query.executeTakeFirstOrThrow()).saga_id ?? "";
}

/** Two deployments that are active for a while. @returns the droplet of the first */
export async function twoDeployments(stage: Stage, wish: Wish = {}): Promise<number> {
  await whole(stage, (tx) => deploy(stage, tx, "acme", wish));
  await whole(stage, (tx) => deploy(stage, tx, bystander));
  await grow(stage.scheduler);
  const oldest = stage.db.selectFrom("cloud_resources").select("provider_id").orderBy("provider_id");
  return (await stage.perform(oldest.executeTakeFirstOrThrow())).provider_id;
}

/** The provider's answers by id deny a droplet, or every one. */
export async function deny({ simulator }: Stage, droplet: number | "every"): Promise<void> {
  const path = droplet === "every" ? "^/v2/droplets/\\d+$" : `^/v2/droplets/${droplet}$`;
  const fault = { method: "GET", path, kind: "status", status: 404, times: 1_000_000 };
  await simulator.handle({ method: "POST", path: "/_sim/faults", headers: {}, body: JSON.stringify(fault) });
}

export const denyNothing = ({ simulator }: Stage) =>
  simulator.handle({ method: "DELETE", path: "/_sim/faults", headers: {} });

/** As the looks write it that have proven the first deployment's droplet gone. @returns the deployment */
export async function noteGone(stage: Stage, tx: Tx): Promise<string> {
  const at = new Date(stage.scheduler.now());
  const { deployment_id, provider_id } = await tx
    .selectFrom("cloud_resources")
    .select(["deployment_id", "provider_id"])
    .orderBy("provider_id")
    .executeTakeFirstOrThrow();
  if (deployment_id === null) throw new Error(`Droplet ${provider_id} is no deployment's`);
  const proof = { provider_id, since: at, last_look_at: at, witnessed_since: at, looks: 2, proven_at: at };
  await tx
    .insertInto("droplet_absences")
    .values({ deployment_id, ...proof })
    .onConflict((conflict) => conflict.column("deployment_id").doUpdateSet(proof))
    .execute();
  return deployment_id;
}

/** As those looks start it. */
export async function startParking(stage: Stage, tx: Tx): Promise<string> {
  const deployment_id = await noteGone(stage, tx);
  const id = await stage.sagas.park(tx, deployment_id, parkingAddress);
  await noteAbsence(tx, deployment_id, { saga_id: id });
  return id;
}

/** A look has shown the droplet again: unless that has begun already, its record is brought back. */
async function startUnparking(stage: Stage, tx: Tx): Promise<string> {
  const { deployment_id } = await tx.selectFrom("droplet_absences").selectAll().executeTakeFirstOrThrow();
  const running = await tx
    .selectFrom("sagas")
    .select("id")
    .where("name", "=", "unpark_deployment")
    .where("deployment_id", "=", deployment_id)
    .executeTakeFirst();
  if (running) return running.id;
  const id = await stage.sagas.unpark(tx, deployment_id, parkingAddress);
  await noteAbsence(tx, deployment_id, { saga_id: id, returned_at: new Date(stage.scheduler.now()) });
  return id;
}

const soon = { gone: 60_000 };
/** Until a sync has looked, and whatever was not believed at first has been proven anew: the absence and its looks. */
const provenAnewMs = 4 * 60_000;

/** For every saga there is at least one: a saga without is not proven, and fails the tests. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  provision_deployment: {
    saga: "provision_deployment",
    start: (stage, tx) => deploy(stage, tx, "acme"),
  },
  "provision_deployment:replace_dns": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    recordsBefore: oldRecords,
    prepare: addOldRecords,
    start: (stage, tx) => deploy(stage, tx, "acme", { replaceDns: true }),
  },
  "provision_deployment:health": {
    saga: "provision_deployment",
    steps: ["wait_new_droplet_healthy", "link_deployment_resource"],
    start: (stage, tx) => deploy(stage, tx, "acme", { check: healthCheck }),
  },
  deprovision_deployment: {
    saga: "deprovision_deployment",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
    },
    start: removeDeployment,
  },
  // Just after it was provisioned, when what the provider shows of it may still be older than it.
  "deprovision_deployment:young": {
    saga: "deprovision_deployment",
    steps: ["remove_deployment_dns"],
    prepare: (stage) => whole(stage, (tx) => deploy(stage, tx, "acme")),
    start: removeDeployment,
  },
  "deprovision_deployment:parked": {
    saga: "deprovision_deployment",
    async prepare(stage) {
      stage.person.lose(await twoDeployments(stage));
      await grow(stage.scheduler);
      await whole(stage, (tx) => startParking(stage, tx));
    },
    start: removeFirst,
  },
  park_deployment: {
    saga: "park_deployment",
    calmMs: provenAnewMs,
    timing: soon,
    async prepare(stage) {
      stage.person.lose(await twoDeployments(stage));
      await grow(stage.scheduler);
    },
    start: startParking,
  },
  // It was proven gone, and has come back before anything was done.
  "park_deployment:back": {
    saga: "park_deployment",
    served: "acme.example.com",
    missed: true,
    calmMs: provenAnewMs,
    timing: soon,
    prepare: async (stage) => void (await twoDeployments(stage)),
    start: startParking,
  },
  // The provider denies all droplets, those that bear witness too: it is not believed.
  "park_deployment:denied": {
    saga: "park_deployment",
    unprovable: true,
    calmMs: provenAnewMs,
    timing: soon,
    async prepare(stage) {
      await twoDeployments(stage);
      await deny(stage, "every");
    },
    start: startParking,
  },
  unpark_deployment: {
    saga: "unpark_deployment",
    calmMs: provenAnewMs,
    timing: soon,
    async prepare(stage) {
      await deny(stage, await twoDeployments(stage));
      await whole(stage, (tx) => startParking(stage, tx));
      await denyNothing(stage);
    },
    start: startUnparking,
  },
  provision_droplet: {
    saga: "provision_droplet",
    start: (stage, tx) => makeDroplet(stage, tx, "bastion"),
  },
  destroy_droplet: {
    saga: "destroy_droplet",
    prepare: (stage) => whole(stage, (tx) => makeDroplet(stage, tx, "bastion")),
    async start(stage, tx) {
      const { provider_id } = await tx.selectFrom("cloud_resources").select("provider_id").executeTakeFirstOrThrow();
      return stage.sagas.destroyDroplet(tx, { providerId: provider_id, unmanaged: false });
    },
  },
  // A change of our record that was given up on has taken hold.
  lead_record_back: {
    saga: "lead_record_back",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      const { provider_id: id, handle } = await stage.perform(recordRow(stage.db));
      await changeRecord(stage, Number(id), { ...recordHandle.parse(handle), data: "203.0.113.66" });
      await grow(stage.scheduler);
    },
    async start(stage, tx) {
      const { id, deployment_id, tenant_id, handle } = await recordRow(tx);
      const { data, ttl } = recordHandle.parse(handle);
      const of = { deployment_id: deployment_id ?? "", tenant_id: tenant_id ?? "", resource_id: id };
      return stage.sagas.leadRecordBack(tx, { ...of, from: "203.0.113.66", data, ttl });
    },
  },
  // A record of ours that the provider had hidden until its deployment was over.
  remove_leftover: {
    saga: "remove_leftover",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      await whole(stage, (tx) => removeDeployment(stage, tx));
      const { name, data, ttl } = recordHandle.parse((await stage.perform(recordRow(stage.db))).handle);
      await addRecord(stage, { type: "A", name, data, ttl: ttl ?? 300 });
      stage.person.lost.add(data);
      await grow(stage.scheduler);
    },
    async start({ sagas, simulator }, tx) {
      const left = simulator.state().domains.flatMap(({ records }) => records.filter(({ type }) => type === "A"));
      return sagas.removeLeftover(tx, await recordRow(tx), String(left[0]?.id));
    },
  },
};
