import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { variablesContext } from "#secrets/user-data-context.ts";

export type Variables = Readonly<Record<string, string>>;

const stored = z.record(z.string(), z.string());

/** @throws when they were sealed with another key */
export async function openVariables(tx: Db | Tx, secrets: SecretBox, deploymentId: string): Promise<Variables> {
  const row = await tx
    .selectFrom("sealed_variables")
    .select("sealed")
    .where("deployment_id", "=", deploymentId)
    .executeTakeFirst();
  return row ? stored.parse(JSON.parse(secrets.open(row.sealed, variablesContext(deploymentId)))) : {};
}

/** Seals them in the place of those that the deployment had, and says their names. */
export async function keepVariables(
  tx: Tx,
  secrets: SecretBox,
  deploymentId: string,
  variables: Variables,
  at: Date,
): Promise<void> {
  const { names, sealed } = sealVariables(secrets, deploymentId, variables);
  return putVariables(tx, deploymentId, { names, sealed: Buffer.from(sealed, "base64") }, at);
}

/** As whoever puts them in their place later is told of them: their names, and the rest in base64. */
export const sealVariables = (secrets: SecretBox, deploymentId: string, variables: Variables) => ({
  names: Object.keys(variables).toSorted(),
  sealed: secrets.seal(JSON.stringify(variables), variablesContext(deploymentId)).toString("base64"),
});

/** Puts them, sealed already, in the place of those that the deployment had, and says their names. */
export async function putVariables(
  tx: Tx,
  deploymentId: string,
  { names, sealed }: { readonly names: readonly string[]; readonly sealed: Buffer },
  at: Date,
): Promise<void> {
  await tx
    .updateTable("deployments")
    .set({ variable_names: [...names] })
    .where("id", "=", deploymentId)
    .execute();
  if (names.length === 0) return dropVariables(tx, [deploymentId]);
  await tx
    .insertInto("sealed_variables")
    .values({ deployment_id: deploymentId, sealed, updated_at: at })
    .onConflict((conflict) => conflict.column("deployment_id").doUpdateSet({ sealed, updated_at: at }))
    .execute();
}

/** Of deployments that are gone for good. */
export async function dropVariables(tx: Tx, deploymentIds: readonly string[]): Promise<void> {
  if (deploymentIds.length === 0) return;
  await tx.deleteFrom("sealed_variables").where("deployment_id", "in", deploymentIds).execute();
}
