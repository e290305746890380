import { asBegun } from "#step-begun.ts";
import { createRelease } from "#operations/create-release.ts";
import { createDeployment } from "#operations/create-deployment.ts";
import { cancel } from "#operations/cancel-deployment.ts";
import { provision } from "#operations/provision-deployment.ts";
import { remove } from "#operations/delete-deployment.ts";
import type { Check } from "#probes/check.ts";
import { deploymentContext } from "#secrets/user-data-context.ts";
import type { Claimant } from "#tenants/hostnames.ts";
import { pause, type Stack, until, zone } from "./stack.ts";

export interface Wish {
  readonly name?: string;
  readonly hostname?: string;
  readonly replaceDns?: boolean;
  readonly userData?: string;
  readonly provision?: boolean;
  readonly healthCheck?: Check;
  readonly release?: string;
  /** Of how many GiB. */
  readonly volumeGib?: number;
  readonly reservedIp?: boolean;
  /** Who asks for it. Default an operator. */
  readonly by?: Claimant;
}

export interface Deployed {
  readonly id: string;
  readonly tenantId: string;
  readonly hostname: string;
  readonly sagaId: string;
}

/** Judged as fast as may be. */
export const healthCheck: Check = {
  protocol: "http",
  port: 80,
  interval_seconds: 0.2,
  timeout_seconds: 1,
  healthy_after: 2,
  unhealthy_after: 3,
  deadline_seconds: 30,
};

export const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };

let counter = 0;

/** A tenant and its deployment, as POST /v1/deployments writes them: in one transaction with the saga. */
export async function deploy(stack: Stack, wish: Wish = {}): Promise<Deployed> {
  const { db, ids, clock, sagas, secrets } = stack;
  const [id, tenantId] = [ids.uuid(), ids.uuid()];
  const name = wish.name ?? `app-${(counter += 1)}`;
  const hostname = wish.hostname ?? `${name}.${zone}`;
  const now = clock.now();
  return db.transaction().execute(async (tx) => {
    const tenant = { id: tenantId, slug: `tenant-${tenantId}`, name, created_at: now, updated_at: now };
    await tx.insertInto("tenants").values(tenant).execute();
    const asked = { tenant_id: tenantId, name, hostname, ...spec, ssh_keys: [], replace_dns: wish.replaceDns ?? false };
    const { release, volumeGib: size_gib } = wish;
    const input = {
      ...asked,
      ...(wish.healthCheck && { health_check: wish.healthCheck }),
      ...(release !== undefined && { release }),
      ...(size_gib !== undefined && { volume: { size_gib, filesystem: "ext4" as const } }),
      reserved_ip: wish.reservedIp ?? false,
    };
    const sealed = wish.userData === undefined ? undefined : secrets.seal(wish.userData, deploymentContext(id));
    const start = wish.provision ?? true;
    await createDeployment(tx, input, { id, now, status: start ? "provisioning" : "pending", sealedUserData: sealed });
    return {
      id,
      tenantId,
      hostname,
      sagaId: start ? await sagas.provisionDeployment(tx, id, wish.by ?? "operator") : "",
    };
  });
}

/** What droplets run, judged as fast as may be. */
export async function makeRelease(
  stack: Stack,
  name: string,
  how: { readonly stateless?: boolean; readonly rollback_safe?: boolean } = {},
): Promise<void> {
  const { image } = spec;
  const features = {
    monitoring: false,
    ipv6: false,
    backups: false,
    stateless: how.stateless ?? false,
    rollback_safe: how.rollback_safe ?? false,
    reserved_ip: false,
  };
  const made = { id: stack.ids.uuid(), now: stack.clock.now(), secrets: stack.secrets };
  await stack.db
    .transaction()
    .execute((tx) => createRelease(tx, { name, image, ssh_keys: [], ...features, health_check: healthCheck }, made));
}

/** Several at about the same time, a few to a moment: the stack has ten connections. */
export async function deployMany(stack: Stack, count: number): Promise<Deployed[]> {
  const all: Deployed[] = [];
  while (all.length < count) {
    const few = Math.min(5, count - all.length);
    all.push(...(await Promise.all(Array.from({ length: few }, () => deploy(stack)))));
  }
  return all;
}

const asker = (stack: Stack) => ({ tenantId: null, now: stack.clock.now(), zone, by: "operator" as const });
const inTransaction = <T>(stack: Stack, work: Parameters<ReturnType<Stack["db"]["transaction"]>["execute"]>[0]) =>
  stack.db.transaction().execute(work) as Promise<T>;

export const cancelDeployment = (stack: Stack, id: string) =>
  inTransaction(stack, (tx) => cancel(tx, stack.sagas, id, "asked by the test", asker(stack)));
/** As if the last look at any droplet were too old to show whose it is. */
export const ageSightings = (stack: Stack) =>
  stack.pool.query("update sightings set observed_at = observed_at - interval '2 minutes'");
export const deleteDeployment = (
  stack: Stack,
  id: string,
  how: { readonly deleteVolume?: boolean; readonly keepSnapshotDays?: number } = {},
) =>
  inTransaction(stack, (tx) =>
    remove(tx, stack.sagas, id, { ...asker(stack), destroysPerHour: stack.config.destroysPerHour, ...how }),
  );
/** Asks for an operation of an active deployment. @returns the id of its saga */
export const operate = (
  stack: Stack,
  { id: deploymentId }: Pick<Deployed, "id">,
  name: string,
  body: object = {},
): Promise<string> =>
  inTransaction(stack, async (tx) => (await stack.sagas.planOperation(tx, { name, deploymentId }, body)).start());

/** The address records of all zones, as they are at the provider. */
export const addressRecords = (stack: Stack) =>
  stack.truth().domains.flatMap((domain) => domain.records.filter(({ type }) => type === "A"));

export const cancelSaga = (stack: Stack, sagaId: string) =>
  inTransaction(stack, (tx) => stack.sagas.cancel(tx, sagaId, "asked by the test"));
export const retrySaga = (stack: Stack, sagaId: string) => inTransaction(stack, (tx) => stack.sagas.retry(tx, sagaId));
export const resolveSaga = (stack: Stack, sagaId: string) =>
  inTransaction(stack, (tx) => stack.sagas.resolve(tx, sagaId, { reason: "done by hand", by: "the test" }));

/** Provisions a deployment again. @returns the new saga's id */
export async function provisionAgain(stack: Stack, id: string): Promise<string> {
  await inTransaction(stack, (tx) => provision(tx, stack.sagas, id, asker(stack)));
  return (await deploymentOf(stack, id)).saga_id ?? "";
}

export const deploymentOf = (stack: Stack, id: string) =>
  stack.db.selectFrom("deployments").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
export const sagaOf = (stack: Stack, id: string) =>
  stack.db.selectFrom("sagas").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
export async function stepsOf(stack: Stack, sagaId: string) {
  const steps = await stack.db
    .selectFrom("saga_steps")
    .selectAll()
    .where("saga_id", "=", sagaId)
    .orderBy("position")
    .execute();
  return asBegun(await sagaOf(stack, sagaId), steps);
}
export const resourceOf = (stack: Stack, deploymentId: string) =>
  stack.db.selectFrom("cloud_resources").selectAll().where("deployment_id", "=", deploymentId).executeTakeFirst();

/** Waits for the saga's end. @returns its row, and its steps as `name: status` */
export async function ended(stack: Stack, sagaId: string, ms?: number) {
  const saga = await until(
    `the end of saga ${sagaId}`,
    async () => {
      const row = await sagaOf(stack, sagaId);
      return ["completed", "rolled_back", "stuck"].includes(row.status) && row;
    },
    ms,
  ).catch(async (cause: unknown) => {
    const steps = await stepsOf(stack, sagaId);
    const told = steps.map((it) => `${it.name}: ${it.status} ${it.waiting_for ?? ""} ${JSON.stringify(it.error)}`);
    throw new Error(`Saga ${sagaId} did not end:\n${told.join("\n")}`, { cause });
  });
  const steps = await stepsOf(stack, sagaId);
  return { ...saga, steps: Object.fromEntries(steps.map((it) => [it.name, it.status])) };
}

/** Waits until the step has this status. */
export const stepIs = (stack: Stack, sagaId: string, name: string, ...statuses: string[]) =>
  until(`step ${name} to be ${statuses.join(" or ")}`, async () => {
    const row = (await stepsOf(stack, sagaId)).find((it) => it.name === name);
    return row && statuses.includes(row.status) && row;
  });

export const notesOf = async (stack: Stack, sagaId: string): Promise<string[]> =>
  (await stack.db.selectFrom("saga_events").select("data").where("saga_id", "=", sagaId).orderBy("sequence").execute())
    .map(({ data }) => (data as { note?: string }).note)
    .filter((note) => note !== undefined);

/** An active deployment of v1 that v2 can replace, back too where it has a volume, and its droplet. */
export async function replaceable(stack: Stack, wish: Partial<Parameters<typeof deploy>[1]> = {}) {
  const how = { rollback_safe: wish.volumeGib !== undefined };
  for (const name of ["v1", "v2"]) await makeRelease(stack, name, how);
  const deployment = await deploy(stack, { release: "v1", ...wish });
  const { status } = await ended(stack, deployment.sagaId);
  const [old] = stack.truth().droplets;
  if (status !== "completed" || !old) throw new Error(`It is ${status}, and has ${old ? "a" : "no"} droplet`);
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  return { deployment, old };
}

/**
 * Whoever runs a saga loses it as it comes to this step.
 * @returns to be called before the saga is taken over: from then on none is lost any more
 */
export async function holdAt({ pool }: Pick<Stack, "pool">, step: string): Promise<() => Promise<void>> {
  await pool.query(`
    create function hold() returns trigger language plpgsql as $$
    begin
      update sagas set epoch = new.epoch + 1 where id = new.id
        and exists (select from saga_steps where saga_id = new.id and position = new.position and name = '${step}');
      return new;
    end $$;
    create trigger hold after update on sagas for each row when (old.position < new.position) execute function hold()`);
  return async () => void (await pool.query("drop trigger hold on sagas; drop function hold()"));
}

/** A sync, and what follows from where it has shown reserved IPs to lead. */
export async function lookAtReservedIps(stack: Stack): Promise<void> {
  const begun = async () => {
    const rows = await stack.db.selectFrom("attachment_looks").selectAll().where("kind", "=", "reserved_ip").execute();
    return rows[0]?.begun_at.getTime() ?? 0;
  };
  const before = await begun();
  await stack.requestChore("sync");
  await until("a look at the reserved IPs", async () => (await begun()) > before);
  await pause(400);
}
