import type { Tx } from "#db/connection.ts";
import { type DeploymentRow, lockDeployment } from "#deployments/queries.ts";
import { sizeFaults, telling } from "#deployments/user-data.ts";
import { keepVariables, type Variables } from "#deployments/variables.ts";
import { notFound, Refusal, refuseFaults } from "#refusal.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import type { Asker } from "./asked-deployment.ts";

/** What is undefined stays as it is. */
export interface DeploymentChange {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly protected?: boolean | undefined;
  /** Null: its release's again. */
  readonly health_check?: object | null | undefined;
  /** Null removes one; those that are not named stay. */
  readonly variables?: Readonly<Record<string, string | null>> | undefined;
}

/**
 * Changes what may be changed of a deployment at any time.
 * @returns the deployment as it was
 * @throws {Refusal} `not_found`, `already_terminated`, `validation_failed` when its next droplet would be told too much
 */
export async function changeDeployment(
  tx: Tx,
  secrets: SecretBox,
  id: string,
  change: DeploymentChange,
  { tenantId, now }: Asker,
): Promise<DeploymentRow> {
  const before = await lockDeployment(tx, id, tenantId);
  if (!before) throw notFound("deployment", id);
  if (before.status === "terminated")
    throw new Refusal("already_terminated", `Deployment ${id} is terminated; nothing was changed`);
  if (change.variables) {
    const told = await telling(tx, secrets, before);
    const variables = merged(told.variables, change.variables);
    refuseFaults(await sizeFaults(tx, secrets, { ...told, variables }));
    await keepVariables(tx, secrets, id, variables, now);
  }
  const { labels, health_check: check } = change;
  await tx
    .updateTable("deployments")
    .set({
      updated_at: now,
      ...(change.protected !== undefined && { protected: change.protected }),
      ...(labels && { labels: JSON.stringify(labels) }),
      ...(check !== undefined && { health_check: check && JSON.stringify(check) }),
    })
    .where("id", "=", id)
    .execute();
  return before;
}

const merged = (before: Variables, changes: Readonly<Record<string, string | null>>): Variables =>
  Object.fromEntries(
    Object.entries({ ...before, ...changes }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
