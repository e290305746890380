import type { Tx } from "#db/connection.ts";
import { holdAbsence } from "#deployments/absences.ts";
import { handTo } from "#deployments/lifecycle.ts";
import { type Desk, start } from "#engine/start.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { dropletOf } from "#inventory/registration.ts";
import { liveSagaOf } from "#saga-queries/queries.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { Refusal } from "#refusal.ts";
import { heldForOwner } from "#resources/rows.ts";
import { defaultKeepDays } from "#keep-days.ts";
import { runOf } from "../run-of.ts";
import type { AskedOperation, PlannedOperation } from "../start.ts";
import { volumeIn } from "../volume-in.ts";
import { allOperations } from "./all.ts";
import { healthInputOf, inputOf, type Means, type Operation, type Subject } from "./operation.ts";
import { suspend, unsuspend } from "./suspend.ts";

/**
 * Sees whether an operation can be done as things stand: what can be told before anything is written or sent is told here.
 * The deployment is locked until the transaction ends, so that what was seen still holds when it is started.
 */
export async function planOperation(
  desk: Desk & Means,
  tx: Tx,
  { name, deploymentId, onlyTenant = null }: AskedOperation,
  body: unknown,
): Promise<PlannedOperation> {
  const operation = allOperations[name];
  if (!operation) throw new Error(`There is no operation ${name}`);
  const subject = await subjectOf(tx, name, operation, { id: deploymentId, onlyTenant });
  const prepared = await operation.prepare(tx, subject, body, desk);
  const { input, preview, size_slug, release, volume, keepsDisk, keepsSnapshot, begun } = prepared;
  const { saga } = operation;
  const isOff = subject.deployment.power === "off";
  const interruption = preview.interruption ?? (isOff ? "until it is unsuspended, as now" : null);
  return {
    preview: { ...preview, interruption, steps: saga.plan(saga.input.parse(input)).steps.map((step) => step.name) },
    ...(size_slug !== undefined && { size_slug }),
    ...(release !== undefined && { release }),
    ...(volume && { volume }),
    ...(keepsDisk && { keepsDisk }),
    ...(keepsSnapshot && { keepsSnapshot }),
    async start() {
      const id = await begin(desk, tx, operation, subject, input);
      await begun?.(id);
      return id;
    },
  };
}

async function begin(
  desk: Desk,
  tx: Tx,
  { saga }: Operation,
  { deployment: { id: deployment_id, tenant_id } }: Subject,
  input: object,
): Promise<string> {
  const id = await start(desk, tx, saga, input, { columns: { deployment_id, tenant_id }, alone: ["deployment_id"] });
  await handTo(tx, deployment_id, id);
  return id;
}

/** Turns the droplet on or off as its deployment is to be: what has put it wrong is nothing that anybody asked for. */
export async function setPowerRight(desk: Desk, tx: Tx, deploymentId: string): Promise<string> {
  const { power } = await tx
    .selectFrom("deployments")
    .select("power")
    .where("id", "=", deploymentId)
    .executeTakeFirstOrThrow();
  const name = power === "on" ? "unsuspend" : "suspend";
  // Of whatever power it is to be, which it has already.
  const subject = await subjectOf(tx, name, {}, { id: deploymentId, onlyTenant: null });
  return begin(desk, tx, power === "on" ? unsuspend : suspend, subject, {
    ...inputOf(subject),
    ...healthInputOf(subject, power === "on"),
    power,
  });
}

/** @throws {Refusal} `illegal_transition`, {SagaRefusal} `saga_running`: from a state in which it makes no sense */
async function subjectOf(
  tx: Tx,
  name: string,
  { power, wantsGone }: Pick<Operation, "power" | "wantsGone">,
  { id, onlyTenant }: { readonly id: string; readonly onlyTenant: string | null },
): Promise<Subject> {
  const deployment = await tx
    .selectFrom("deployments")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const refuse = (is: string): never => {
    throw new Refusal("illegal_transition", `Deployment ${id} ${is}: ${name} makes no sense; nothing was changed`);
  };
  if (deployment.status !== "active") refuse(`is ${deployment.status}`);
  const running = await liveSagaOf(tx, id);
  if (running) throw new SagaRefusal("saga_running", `Saga ${running} is still running; wait for its end or cancel it`);
  if (power && deployment.power !== power) refuse(power === "on" ? "is suspended" : "is not suspended");
  const held = (await heldForOwner(tx, { deployment_id: id })).find((row) => row.kind === dropletKind && !row.surplus);
  const known = await dropletOf(tx, id);
  const dropletId = Number(held?.provider_id ?? Number.NaN);
  if (!held || held.phase !== "there" || !known || known.provider_id !== dropletId) refuse("has no droplet");
  const isGone = await isProvenGone(tx, id);
  if (wantsGone && !isGone) refuse(`has its droplet, ${dropletId}, as far as is proven`);
  if (!wantsGone && (isGone || known?.deleted_at))
    refuse(`has lost its droplet: ${dropletId} is gone from the account`);
  const { health_check, features } = await runOf(tx, deployment);
  const backups = features.backups ?? false;
  const seen = (await sightingOf(tx, dropletId))?.droplet;
  const volume = await volumeIn(tx, deployment, defaultKeepDays);
  const address = known?.public_ipv4 ?? null;
  return { deployment, onlyTenant, dropletId, seen, isGone, address, health_check, backups, volume };
}

/** By looks and by the provider's word, and not seen again since. */
async function isProvenGone(tx: Tx, deploymentId: string): Promise<boolean> {
  const absence = await holdAbsence(tx, deploymentId);
  return absence?.proven_at instanceof Date && absence.returned_at === null;
}
