import { hasEnded } from "#saga-ended.ts";
import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";
import { fullName } from "#dns/records.ts";

/** What a saga has at the provider, as far as its steps have said: what is left behind if nobody runs it on. */
export interface Leaves {
  /** `provider_id` is null while it is not known whether a create made one: it is looked for by its name. */
  readonly droplets: readonly { readonly provider_id: number | null; readonly name: string | null }[];
  readonly dns_records: readonly { readonly id: number | null; readonly name: string; readonly type: string }[];
}

interface StepFacts {
  readonly name: string;
  readonly status: string;
  readonly intent: unknown;
  readonly output: unknown;
}

interface SagaFacts {
  readonly id: string;
  readonly status: string;
  readonly deployment_id: string | null;
  readonly provider_id: number | null;
  readonly steps: readonly StepFacts[];
}

const sending = z.object({ phase: z.string(), empty_looks: z.int() });
const dropletIntent = z.object({ handle: z.object({ name: z.string() }), sending, droplet_ids: z.array(z.int()) });
const dropletOutput = z.object({ droplet_id: z.int() });
const recordIntent = z.object({ hostname: z.string(), before: z.array(z.object({ id: z.int() })), sending });
const recordOutput = z.object({ dns_record_id: z.int() });

/** As the steps judge it: refused, or twice not found once it had settled. */
const wasNotMade = ({ phase, empty_looks }: z.output<typeof sending>): boolean =>
  phase === "refused" || empty_looks >= 2;

/** The step, where something of it may be there: it began, and is not undone. */
const effective = (steps: readonly StepFacts[], name: string): StepFacts | undefined =>
  steps.find((step) => step.name === name && step.status !== "compensated");

/** The droplet that the saga's create made, once that is known; also when it has been destroyed since. */
export const madeBy = (steps: readonly StepFacts[]): number | null =>
  dropletOutput.safeParse(steps.find(({ name }) => name === "create_droplet")?.output).data?.droplet_id ?? null;

function dropletsMade(steps: readonly StepFacts[]): Leaves["droplets"] {
  const step = effective(steps, "create_droplet");
  const intent = dropletIntent.safeParse(step?.intent).data;
  if (!step || !intent) return [];
  const made = madeBy([step]);
  const { name } = intent.handle;
  const ids = new Set([...(made === null ? [] : [made]), ...intent.droplet_ids]);
  if (ids.size > 0) return [...ids].map((id) => ({ provider_id: id, name }));
  return wasNotMade(intent.sending) ? [] : [{ provider_id: null, name }];
}

function recordsMade(steps: readonly StepFacts[]): Leaves["dns_records"] {
  const step = effective(steps, "point_deployment_dns");
  const intent = recordIntent.safeParse(step?.intent).data;
  if (!intent) return [];
  const id = recordOutput.safeParse(step?.output).data?.dns_record_id ?? intent.before[0]?.id ?? null;
  if (id === null && wasNotMade(intent.sending)) return [];
  return [{ id, name: intent.hostname, type: "A" }];
}

/** A step that takes something away, and has not said yet that it is gone; one resolved by hand has. */
const isToDo = (steps: readonly StepFacts[], name: string): boolean =>
  steps.some((step) => step.name === name && step.status !== "completed" && step.output === null);

/** What each of these sagas that has not ended has at the provider, by the saga's id. */
export async function leavesOf(db: Db | Tx, sagas: readonly SagaFacts[]): Promise<Map<string, Leaves>> {
  const live = sagas.filter(({ status }) => !hasEnded(status));
  const doomed = live.flatMap((saga) => (isToDo(saga.steps, "destroy_droplet") ? (saga.provider_id ?? []) : []));
  const losing = live.flatMap((saga) =>
    isToDo(saga.steps, "remove_deployment_dns") ? (saga.deployment_id ?? []) : [],
  );
  const names = await namesOf(db, doomed);
  const records = await recordsOf(db, losing);
  const leaves = live.map((saga): [string, Leaves] => {
    const { steps, provider_id: id, deployment_id: deployment } = saga;
    const toDestroy = id !== null && doomed.includes(id) ? [{ provider_id: id, name: names.get(id) ?? null }] : [];
    const toRemove = deployment !== null && losing.includes(deployment) ? (records.get(deployment) ?? []) : [];
    return [
      saga.id,
      { droplets: [...dropletsMade(steps), ...toDestroy], dns_records: [...recordsMade(steps), ...toRemove] },
    ];
  });
  return new Map(leaves);
}

async function namesOf(db: Db | Tx, dropletIds: readonly number[]): Promise<Map<number, string>> {
  if (dropletIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("cloud_resources")
    .select(["provider_id", "name"])
    .where("provider_id", "in", dropletIds)
    .execute();
  return new Map(rows.map((row) => [row.provider_id, row.name]));
}

async function recordsOf(db: Db | Tx, deploymentIds: readonly string[]): Promise<Map<string, Leaves["dns_records"]>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("dns_records")
    .select(["deployment_id", "zone", "record_id", "name"])
    .where("deployment_id", "in", deploymentIds)
    .where("released_at", "is", null)
    .execute();
  const named = rows.map(({ deployment_id, zone, record_id, name }) => ({
    deployment_id,
    record: { id: record_id, name: fullName(name, zone), type: "A" },
  }));
  return new Map(
    [...Map.groupBy(named, (row) => row.deployment_id)].map(([id, all]) => [id, all.map(({ record }) => record)]),
  );
}

/** The ids alone, for the log. */
export const idsOf = (leaves: Leaves | null | undefined): Readonly<Record<string, readonly number[]>> => ({
  droplet_ids: leaves?.droplets.flatMap(({ provider_id: id }) => id ?? []) ?? [],
  dns_record_ids: leaves?.dns_records.flatMap(({ id }) => id ?? []) ?? [],
});
