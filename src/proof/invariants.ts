import { asBegun } from "#step-begun.ts";
import { hasEnded } from "#saga-ended.ts";
import { sql } from "kysely";
import type { Db } from "#db/connection.ts";
import { dropletKind, sagaOf } from "#resources/kinds/droplet-handle.ts";
import { isLive } from "#resources/phases.ts";
import type { Truth } from "./truth.ts";
import { brokenLedger, isMissed, othersIsThere } from "./ledger-invariants.ts";
import { endedLeavesNothing } from "./ended-invariants.ts";
import { momentsBefore } from "./moments.ts";
import { brokenRechecks, brokenTelling } from "./told-invariants.ts";
import { brokenVolumes } from "./volume-invariants.ts";
import { brokenReservedIps, reservedIpOf } from "./reserved-ip-invariants.ts";

/** Where a record leads that is parked. */
export const parkingAddress = "192.0.2.1";

export interface RecordLine {
  readonly type: string;
  readonly name: string;
  readonly data: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface AtRest {
  readonly db: Db;
  /** What is at the provider. */
  readonly truth: Truth;
  /** The zone's A, AAAA and CNAME records before the first saga: a rollback leaves them as they were. */
  readonly recordsBefore?: readonly RecordLine[];
  /** Addresses that a stranger has while a record leads to them, which is excused. */
  readonly lost?: ReadonlySet<string>;
  /** Records that somebody else has changed since: they are theirs, and stay. */
  readonly strangers?: readonly RecordLine[];
  /** The ids of records of ours that a person has deleted, and of those that they made in their place. */
  readonly unmade?: readonly number[];
  readonly remade?: readonly number[];
  /** Droplets that a person has destroyed: of one of no deployment, and not for itself, nobody keeps an account. */
  readonly lostDroplets?: ReadonlySet<number>;
  /** Droplets that a person has turned on: they are not as they were to be. */
  readonly turnedOn?: ReadonlySet<number>;
  /** What somebody else has made in the account and keeps there, as `<kind> <id>`. */
  readonly theirs?: ReadonlySet<string>;
  /** Whether somebody has changed TTLs. */
  readonly isRetouched?: boolean;
  /** Texts that must be found in no row and no log line. */
  readonly secrets?: readonly string[];
  readonly logged?: readonly string[];
}

/**
 * The promises of the product, checked when every saga has ended and the settle window has passed.
 * @returns what is broken, each with the number of its invariant; nothing when all hold
 */
export async function brokenInvariants(rest: AtRest): Promise<string[]> {
  const facts = await readFacts(rest.db);
  return [
    ...oneDropletEach(facts, rest.truth),
    ...nothingWithoutOwner(facts, rest.truth),
    ...brokenLedger(facts, rest.truth, rest),
    ...activeIsWhole(facts, rest),
    ...endedLeavesNothing(facts, rest),
    ...adoptedIsThere(facts, rest.truth),
    ...brokenReservedIps(facts, rest.truth, rest),
    ...othersIsThere(rest),
    ...nobodyIsLedAstray(rest),
    ...brokenVolumes(facts, rest.truth, rest),
    ...everySagaEnds(facts),
    ...brokenTelling(facts),
    ...brokenRechecks(facts),
    ...nobodyWaitsForever(facts),
    ...(await momentsBefore(rest.db)),
    ...(await secretsFound(rest)),
  ];
}

export type Facts = Awaited<ReturnType<typeof readFacts>>;

async function readFacts(db: Db) {
  const sagas = await db.selectFrom("sagas").selectAll().orderBy("id").execute();
  const steps = await db.selectFrom("saga_steps").selectAll().orderBy("saga_id").orderBy("position").execute();
  const bySaga = Map.groupBy(steps, (step) => step.saga_id);
  return {
    sagas,
    steps: sagas.flatMap((saga) => asBegun(saga, bySaga.get(saga.id) ?? [])),
    events: await db.selectFrom("saga_events").selectAll().orderBy("sequence").execute(),
    requests: await db.selectFrom("provider_requests").select(["method", "route", "saga_id"]).execute(),
    deployments: await db.selectFrom("deployments").selectAll().orderBy("id").execute(),
    resources: await db.selectFrom("cloud_resources").selectAll().orderBy("id").execute(),
    specs: await db.selectFrom("cloud_provisioned").selectAll().execute(),
    held: await db.selectFrom("provider_resources").selectAll().orderBy("id").execute(),
    changes: await db.selectFrom("provider_changes").selectAll().orderBy("id").execute(),
    strays: await db.selectFrom("strays").selectAll().execute(),
    absences: await db.selectFrom("droplet_absences").selectAll().orderBy("deployment_id").execute(),
  };
}

/** 1. At most one live droplet per deployment, and per saga. */
function oneDropletEach({ sagas }: Facts, { droplets }: Truth): string[] {
  const bySaga = Map.groupBy(droplets.filter(sagaOf), (droplet) => sagaOf(droplet));
  const byDeployment = Map.groupBy(droplets, (droplet) => sagas.find((it) => it.id === sagaOf(droplet))?.deployment_id);
  byDeployment.delete(undefined);
  byDeployment.delete(null);
  return [
    ...[...bySaga].filter(([, all]) => all.length > 1).map(([id, all]) => `1: saga ${id} has ${all.length} droplets`),
    ...[...byDeployment]
      .filter(([, all]) => all.length > 1)
      .map(([id, all]) => `1: deployment ${id} has ${all.length} droplets`),
  ];
}

/** 2. Whatever is ours at the provider has a row that owns it, and no row claims what is not there. */
function nothingWithoutOwner({ sagas, resources, strays, held, absences }: Facts, truth: Truth): string[] {
  const broken: string[] = [];
  const ended = new Map(sagas.filter(({ status }) => hasEnded(status)).map((saga) => [saga.id, saga]));
  const live = resources.filter((row) => row.deleted_at === null);
  for (const droplet of truth.droplets) {
    // What makes no deployment and no droplet for the inventory, a proof of its kind alone, has it in the ledger only.
    if (
      !ended.get(sagaOf(droplet) ?? "")?.name.startsWith("provision_") ||
      live.some((row) => row.provider_id === droplet.id)
    )
      continue;
    broken.push(`2: droplet ${droplet.id} (${droplet.name}) belongs to nobody`);
  }
  for (const row of live.filter((it) => it.managed))
    if (!truth.droplets.some((droplet) => droplet.id === row.provider_id) && !isMissed(absences, row.provider_id))
      broken.push(`2: resource ${row.id} claims droplet ${row.provider_id}, which is not there`);
  for (const row of strays)
    if (row.verdict !== "alert" && truth.droplets.some((droplet) => droplet.id === row.provider_id))
      broken.push(`2: stray ${row.provider_id} is ${row.verdict} and still there`);
  for (const tag of truth.tags.filter((name) => name.startsWith("arcadia-saga-"))) {
    const saga = ended.get(tag.slice("arcadia-saga-".length));
    const carried = truth.droplets.some((droplet) => droplet.tags.includes(tag));
    const isKept = held.some((row) => row.begun_by === saga?.id && (isLive(row.phase) || row.recheck_at !== null));
    if (saga && !carried && !isKept) broken.push(`2: tag ${tag} is left and nobody will delete it`);
  }
  return broken;
}

/** The record's name in full. */
const fullNames = (truth: Truth) =>
  truth.domains.flatMap(({ name: zone, records }) =>
    records.map((record) => ({ ...record, hostname: record.name === "@" ? zone : `${record.name}.${zone}` })),
  );

/** 12. Nobody is led to an address that a stranger has by now, but by a record of somebody else's that did so before us. */
const nobodyIsLedAstray = ({ truth, recordsBefore = [], lost }: AtRest): string[] =>
  fullNames(truth)
    .filter(({ type, data }) => type === "A" && truth.strangers.includes(data))
    .filter(({ name, data }) => !lost?.has(data) || !recordsBefore.some((it) => it.name === name && it.data === data))
    .map(({ hostname, data }) => `12: ${hostname} leads to ${data}, which a stranger has by now`);

/** Whether somebody else has changed all of them since: then they stay as they are. */
const areTheirs = (
  records: readonly (RecordLine & { readonly id: number })[],
  { strangers = [], remade = [] }: AtRest,
): boolean =>
  records.length > 0 &&
  records.every(
    (it) => remade.includes(it.id) || strangers.some(({ name, data }) => name === it.name && data === it.data),
  );

/** 3. Of one whose droplet somebody else destroyed, the record leads nowhere, or is somebody else's. */
function parkedIsParked(facts: Facts, deployment: Facts["deployments"][number], rest: AtRest): string[] {
  const { truth } = rest;
  const absence = facts.absences.find((row) => row.deployment_id === deployment.id);
  const reserved = reservedIpOf(facts, deployment.id);
  const isThere = truth.droplets.some((droplet) => droplet.id === absence?.provider_id);
  const to = fullNames(truth).filter((it) => it.type === "A" && it.hostname === deployment.hostname);
  return [
    isThere && `3: deployment ${deployment.id} is taken for one without a droplet, and has ${absence?.provider_id}`,
    reserved !== undefined &&
      (to.length !== 1 || to[0]?.data !== reserved || absence?.dns !== null) &&
      `3: ${deployment.hostname} is without a droplet, and leads to ${to.map((it) => it.data).join()}, not to ${reserved}`,
    absence?.dns === null &&
      reserved === undefined &&
      `3: deployment ${deployment.id} is without a droplet, and nobody has seen to its record`,
    absence?.dns === "parked" &&
      (to.length !== 1 || to[0]?.data !== parkingAddress) &&
      !areTheirs(to, rest) &&
      `3: ${deployment.hostname} is parked and leads to ${to.map((it) => it.data).join()}`,
  ].filter((it) => it !== false);
}

/** 3. Active: its droplet is live, on unless it is suspended and as large as was recorded, its address is in DNS, its row is linked and billed. */
function activeIsWhole(facts: Facts, rest: AtRest): string[] {
  const { truth, turnedOn } = rest;
  const { deployments, resources, specs, absences } = facts;
  return deployments
    .filter((deployment) => deployment.status === "active")
    .flatMap((deployment) => {
      if (absences.some((row) => row.deployment_id === deployment.id)) return parkedIsParked(facts, deployment, rest);
      const rows = resources.filter((row) => row.deployment_id === deployment.id && row.deleted_at === null);
      const [row] = rows;
      if (!row || rows.length > 1) return [`3: active deployment ${deployment.id} has ${rows.length} resources`];
      const droplet = truth.droplets.find((it) => it.id === row.provider_id);
      const spec = specs.find((it) => it.resource_id === row.id);
      const address = reservedIpOf(facts, deployment.id) ?? droplet?.public_ipv4;
      const addresses = fullNames(truth).filter((it) => it.type === "A" && it.hostname === deployment.hostname);
      return [
        droplet?.status !== (deployment.power === "on" ? "active" : "off") &&
          !turnedOn?.has(row.provider_id) &&
          `3: droplet ${row.provider_id} of ${deployment.id} is ${droplet?.status ?? "not there"}, and is to be ${deployment.power}`,
        droplet?.size_slug !== spec?.size_slug &&
          `3: droplet ${row.provider_id} has the size ${droplet?.size_slug}, recorded is ${spec?.size_slug}`,
        droplet?.image !== spec?.image &&
          `3: droplet ${row.provider_id} has the image ${droplet?.image}, recorded is ${spec?.image}`,
        row.tenant_id !== deployment.tenant_id && `3: resource ${row.id} bills to ${row.tenant_id ?? "nobody"}`,
        (addresses.length !== 1 || addresses[0]?.data !== address) &&
          !areTheirs(addresses, rest) &&
          `3: ${deployment.hostname} leads to ${addresses.map((it) => it.data).join()}, and is to lead to ${address ?? "no address"}`,
      ].filter((it) => it !== false);
    });
}

/** 4. What was there before us is destroyed only when its deployment is, and then only by order. */
const adoptedIsThere = ({ held, absences }: Facts, truth: Truth): string[] =>
  held
    .filter(({ kind, origin }) => kind === dropletKind && origin === "adopted")
    .filter(({ phase }) => phase !== "gone" && phase !== "abandoned")
    .filter(({ provider_id: id }) => !truth.droplets.some((droplet) => String(droplet.id) === id))
    .filter(({ provider_id: id }) => !isMissed(absences, Number(id)))
    .map(({ provider_id: id }) => `4: adopted droplet ${id} is not there any more, and nobody ordered its end`);

/** 5. No deployment is left on its way with nobody to bring it on. */
function nobodyWaitsForever({ deployments, sagas }: Facts): string[] {
  const live = new Set(sagas.filter((saga) => !hasEnded(saga.status)).map((saga) => saga.deployment_id));
  return deployments
    .filter(({ id, status }) => ["provisioning", "deprovisioning"].includes(status) && !live.has(id))
    .map(({ id, status }) => `5: deployment ${id} is ${status}, and no saga of it runs`);
}

/** 5. Every saga ends or calls a human, holds nothing afterwards, and its history has no gap. */
function everySagaEnds({ sagas, steps, events }: Facts): string[] {
  return sagas.flatMap((saga) => {
    const own = steps.filter((step) => step.saga_id === saga.id);
    const failed = own.some((step) => ["compensation_failed", "failed"].includes(step.status));
    const history = events.filter((event) => event.saga_id === saga.id).map((event) => event.sequence);
    const held = saga.lease_owner !== null || saga.due_at !== null;
    const open = own.filter((step) => ["running", "waiting", "compensating"].includes(step.status));
    return [
      !hasEnded(saga.status) && saga.status !== "stuck" && `5: saga ${saga.id} (${saga.name}) is ${saga.status}`,
      saga.status === "stuck" && !failed && `5: saga ${saga.id} is stuck, and none of its steps failed`,
      hasEnded(saga.status) && held && `5: saga ${saga.id} has ended and holds a lease or a wake-up`,
      hasEnded(saga.status) && open.length > 0 && `5: saga ${saga.id} has ended, its step ${open[0]?.name} has not`,
      saga.status === "completed" &&
        own.some((step) => step.status !== "completed") &&
        saga.resolution === null &&
        `5: saga ${saga.id} is completed, its steps are ${own.map((step) => step.status).join()}`,
      history.some((sequence, index) => sequence !== index + 1) && `5: saga ${saga.id} has events ${history.join()}`,
    ].filter((it) => it !== false);
  });
}

/** 8. No secret in any row, nor in a log line. */
async function secretsFound({ db, secrets = [], logged = [] }: AtRest): Promise<string[]> {
  if (secrets.length === 0) return [];
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'pgboss') order by 1
  `.execute(db);
  const texts = tables.map(({ name }) => sql`select ${name} as name, it::text as row from ${sql.raw(name)} as it`);
  const { rows } = await sql<{ name: string }>`
    select distinct name from (${sql.join(texts, sql` union all `)}) everything
    where exists (select from unnest(${[...secrets]}::text[]) secret where position(secret in row) > 0)
    order by name
  `.execute(db);
  const found = rows.map(({ name }) => `8: a secret is in table ${name}`);
  const line = logged.find((it) => secrets.some((secret) => it.includes(secret)));
  return line === undefined ? found : [...found, `8: a secret is in the log: ${line.slice(0, 80)}…`];
}
