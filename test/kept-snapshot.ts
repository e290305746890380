import { createDeployment } from "#operations/create-deployment.ts";
import { fresh, open } from "#resources/ledger.ts";
import { keepSnapshot } from "#snapshots/queries.ts";
import { type Api, deploymentOf } from "./api.ts";

/** A snapshot of the disk of a tenant's deployment, terminated by now, as its saga has left it. */
export async function keptSnapshot(
  api: Api,
  tenantId: string,
  it: { readonly providerId: string; readonly gib?: number },
): Promise<void> {
  const { db, ids } = api;
  const [id, deployment_id, saga, now] = [ids.uuid(), ids.uuid(), ids.uuid(), api.clock.now()];
  const { tenant_id: _, ...spec } = deploymentOf(tenantId, { hostname: `h${it.providerId}.example.com` });
  await db.transaction().execute(async (tx) => {
    const input = { ...spec, tenant_id: tenantId, ssh_keys: [], replace_dns: false };
    await createDeployment(tx, input, { id: deployment_id, now, status: "pending", sealedUserData: undefined });
    await tx.updateTable("deployments").set({ status: "terminated" }).where("id", "=", deployment_id).execute();
    const values = {
      id: saga,
      name: "snapshot_deployment",
      status: "completed" as const,
      input: "{}",
      created_at: now,
    };
    await tx.insertInto("sagas").values(values).execute();
    const owner = { deployment_id, tenant_id: tenantId };
    const begins = { id, kind: "snapshot", saga_id: saga, step: "snapshot_droplet", origin: "made", ...owner } as const;
    const handle = { name: "kept", droplet_id: 1 };
    await open(tx, fresh({ ...begins, handle, provider_id: it.providerId, phase: "there" }, now));
    await keepSnapshot(tx, {
      id,
      ...owner,
      name: "kept",
      region: "syd1",
      created_at: now,
      expires_at: new Date(now.getTime() + 86_400_000),
      size_gib: it.gib ?? null,
    });
  });
}
