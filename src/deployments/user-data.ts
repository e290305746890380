import type { Tx } from "#db/connection.ts";
import type { RefusalFault } from "#refusal.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { deploymentContext, releaseContext } from "#secrets/user-data-context.ts";
import { assembleUserData, longestUserData, sizeOf, type Told } from "./assemble-user-data.ts";
import { sealedUserData } from "./lifecycle.ts";
import type { DeploymentRow } from "./queries.ts";
import { openVariables, type Variables } from "./variables.ts";

/** What decides what a deployment's next droplet is told. */
export interface Telling {
  readonly id: string;
  readonly tenant_id: string;
  readonly hostname: string;
  readonly release: string | null;
  readonly variables: Variables;
  /** Its own, where it has no release. */
  readonly userData: string | undefined;
}

/** @returns undefined with neither a release nor variables: then its own user_data goes along as it is */
export async function assembledUserData(tx: Tx, secrets: SecretBox, it: Telling): Promise<string | undefined> {
  const { release, variables, hostname } = it;
  if (release === null && Object.keys(variables).length === 0) return undefined;
  const tenant = await slugOf(tx, it.tenant_id);
  const told: Told = { hostname, tenant, deployment: it.id, release, variables };
  return assembleUserData(told, release === null ? it.userData : await ofRelease(tx, secrets, release));
}

async function ofRelease(tx: Tx, secrets: SecretBox, name: string): Promise<string | undefined> {
  const row = await tx.selectFrom("releases").select("user_data").where("name", "=", name).executeTakeFirst();
  return row?.user_data ? secrets.open(row.user_data, releaseContext(name)) : undefined;
}

const slugOf = async (tx: Tx, tenantId: string): Promise<string> =>
  (await tx.selectFrom("tenants").select("slug").where("id", "=", tenantId).executeTakeFirst())?.slug ?? "";

/** The deployment's, as it is now: with the variables that it has, and the release unless it is to get another one. */
export async function telling(
  tx: Tx,
  secrets: SecretBox,
  deployment: DeploymentRow,
  instead: { readonly release?: string | null; readonly variables?: Variables } = {},
): Promise<Telling> {
  const { id, tenant_id, hostname, release } = deployment;
  const sealed = await sealedUserData(tx, id);
  const userData = sealed && secrets.open(sealed, deploymentContext(id));
  const variables = await openVariables(tx, secrets, id);
  return { id, tenant_id, hostname, release, variables, userData, ...instead };
}

/** What is wrong with the length of what the droplet would get: told before anything is written. */
export async function sizeFaults(tx: Tx, secrets: SecretBox, it: Telling): Promise<RefusalFault[]> {
  const text = await assembledUserData(tx, secrets, it);
  if (text === undefined) return [];
  const size = sizeOf(text);
  if (size <= longestUserData) return [];
  const path = Object.keys(it.variables).length > 0 ? "variables" : it.release === null ? "user_data" : "release";
  const message = `makes the droplet's user_data ${size} bytes long, with all that belongs to it; at most 64 KiB`;
  return [{ path, message }];
}
