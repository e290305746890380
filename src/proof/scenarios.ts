import type { Db, Tx } from "#db/connection.ts";
import { createDeployment } from "#operations/create-deployment.ts";
import { remove } from "#operations/delete-deployment.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import type { Row } from "#resources/ledger.ts";
import { deploymentContext, dropletContext } from "#secrets/user-data-context.ts";
import { createTenant } from "#operations/create-tenant.ts";
import type { RecordLine } from "./invariants.ts";
import { secrets, type Stage, zone } from "./stage/stage.ts";

/** How one saga begins in a proof. */
export interface Scenario {
  readonly saga: string;
  /** Struck is what these steps and their undos do; by default all. */
  readonly steps?: readonly string[];
  /** The zone's records before it, which a rollback restores. */
  readonly recordsBefore?: readonly RecordLine[];
  /** Brings about, undisturbed, what the saga starts from. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** Asks for the saga, as the API would. @returns its id */
  readonly start: (stage: Stage, tx: Tx) => Promise<string>;
}

const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64", ssh_keys: [] };

/** A tenant with a deployment that is asked for with `provision: true`. @returns its saga */
export async function deploy(
  stage: Stage,
  tx: Tx,
  name: string,
  { host = name, replaceDns = false }: { readonly host?: string; readonly replaceDns?: boolean } = {},
): Promise<string> {
  const now = new Date(stage.scheduler.now());
  const tenant = await createTenant(tx, { slug: name, name, hostnames: [] }, { ids: stage.ids, now });
  const id = stage.ids.uuid();
  const place = { tenant_id: tenant.id, name, hostname: `${host}.${zone}`, replace_dns: replaceDns };
  const sealedUserData = stage.box.seal(secrets.userData, deploymentContext(id));
  await createDeployment(tx, { ...spec, ...place }, { id, now, status: "provisioning", sealedUserData });
  return stage.sagas.provisionDeployment(tx, id, "operator");
}

/** A droplet by itself. @returns its saga */
export const makeDroplet = (stage: Stage, tx: Tx, name: string): Promise<string> =>
  stage.sagas.provisionDroplet(tx, { ...spec, name }, stage.box.seal(secrets.userData, dropletContext(name)));

const commit = <T>(stage: Stage, work: (tx: Tx) => Promise<T>): Promise<T> => stage.db.transaction().execute(work);

/** Runs a saga to its end. */
async function whole(stage: Stage, start: (tx: Tx) => Promise<string>): Promise<void> {
  await stage.perform(commit(stage, start));
  await stage.scheduler.run(stage.isQuiet);
}

/** What somebody had at the hostname before us. */
const oldRecords = [
  { type: "A", name: "acme", data: "203.0.113.7", ttl: 600 },
  { type: "A", name: "acme", data: "203.0.113.8", ttl: 600 },
];

async function addOldRecords(stage: Stage): Promise<void> {
  for (const record of oldRecords) await addRecord(stage, record);
  await grow(stage.scheduler);
}

async function addRecord({ simulator }: Stage, record: RecordLine): Promise<void> {
  const headers = { authorization: `Bearer ${secrets.token}` };
  const request = { method: "POST", path: `/v2/domains/${zone}/records`, headers, body: JSON.stringify(record) };
  await simulator.handle(request);
}

/** The ledger's row of the record that was made last. */
const recordRow = (db: Db | Tx): Promise<Row> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", recordKind)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();

/** Until all there is is old: whatever lags shows it. */
async function grow(scheduler: Stage["scheduler"]): Promise<void> {
  const settled = scheduler.now() + 60_000;
  await scheduler.run(() => scheduler.now() > settled);
}

async function removeDeployment(stage: Stage, tx: Tx): Promise<string> {
  const { id } = await tx.selectFrom("deployments").select("id").executeTakeFirstOrThrow();
  await remove(tx, stage.sagas, id, { tenantId: null, now: new Date(stage.scheduler.now()) });
  const { saga_id } = await tx.selectFrom("deployments").select("saga_id").executeTakeFirstOrThrow();
  return saga_id ?? "";
}

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
  // A record of ours that the provider had hidden until its deployment was over.
  remove_leftover: {
    saga: "remove_leftover",
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, "acme"));
      await grow(stage.scheduler);
      await whole(stage, (tx) => removeDeployment(stage, tx));
      const row = await recordRow(stage.db);
      const { name, data, ttl } = recordHandle.parse(row.handle);
      await addRecord(stage, { type: "A", name, data, ttl: ttl ?? 300 });
      await grow(stage.scheduler);
    },
    async start({ sagas, simulator }, tx) {
      const left = simulator.state().domains.flatMap(({ records }) => records.filter(({ type }) => type === "A"));
      return sagas.removeLeftover(tx, await recordRow(tx), String(left[0]?.id));
    },
  },
};
